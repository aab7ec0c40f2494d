/**
 * ADD and DEL of our host-local beside the reference's, at 0 to 100,000 leases, in turns in one
 * run; then 200 ADDs in parallel; then what fsync(2) and STATUS cost inside a process.
 *
 *     npm run bench:ipam [-- --sizes=0,1000 --rounds=100]
 *
 * Times are of complete processes, from spawn to exit, as a container runtime sees them. Each
 * program works on a directory of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostLocal } from '../../src/ipam/index.ts';
import { buildReference, referencePlugin } from '../../scripts/reference.ts';
import { driverProcess } from '../../test/ipam/faults/process.ts';
import { launch } from '../launch.ts';
import { environment, fill, netconf } from './leases.ts';

const OURS = join(import.meta.dirname, '../../dist/cni/bin/host-local');

const word = (name: string): string | undefined =>
  process.argv.find((text) => text.startsWith(`--${name}=`))?.slice(name.length + 3);
const sizes = (word('sizes') ?? '0,1000,20000,100000').split(',').map(Number);
const rounds = Number(word('rounds') ?? 60);
const PARALLEL = 200;

interface Program {
  readonly name: string;
  readonly executable: string;
  readonly dataDir: string;
}

const folder = mkdtempSync(join(tmpdir(), 'bench-ipam-'));
const driver = existsSync(OURS) ? undefined : driverProcess();
if (driver)
  console.log(
    'dist/cni/bin/host-local is missing (npm run build); timing src/ipam in a bare driver instead',
  );

await buildReference();
const programs: Program[] = [
  { name: 'ours', executable: driver?.executable ?? OURS, dataDir: join(folder, 'ours') },
  {
    name: 'reference',
    executable: referencePlugin('host-local'),
    dataDir: join(folder, 'reference'),
  },
];

const time = ({ executable, dataDir }: Program, command: string, id: string): number =>
  launch(executable, environment(command, id), netconf(dataDir, command)).milliseconds;

const quantile = (times: number[], part: number): number =>
  times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) * part)] ?? NaN;

const shown = (times: number[]): string =>
  `${quantile(times, 0.5).toFixed(1).padStart(7)} ${quantile(times, 0.95).toFixed(1).padStart(7)}`;

/** Runs the 200 processes at once; seconds until the last has exited. */
async function parallel(
  program: Program,
  command: string,
  network: (at: number) => string,
): Promise<number> {
  const started = performance.now();
  const runs = Array.from({ length: PARALLEL }, async (_, at) => {
    const child = spawn(program.executable, {
      env: environment(command, `parallel${at}`),
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    child.stdin.end(JSON.stringify(netconf(program.dataDir, command, network(at))));
    const [status] = (await once(child, 'close')) as [number];
    if (status !== 0) throw new Error(`${program.name} ${command} failed in parallel`);
  });
  await Promise.all(runs);
  return (performance.now() - started) / 1000;
}

/** The reference reads every lease: with many of them it takes part in only some of the rounds. */
const everyRound = (name: string, size: number): number =>
  name === 'reference' ? Math.ceil(size / 10_000) || 1 : 1;

const places = sizes.flatMap((size) =>
  programs.map((program) => ({
    ...program,
    size,
    dataDir: join(program.dataDir, `${size}`),
    first: 0,
    times: { ADD: [] as number[], DEL: [] as number[], STATUS: [] as number[] },
  })),
);
for (const place of places) {
  fill(place.dataDir, place.size);
  // The first call of ours reads a directory that others filled.
  place.first = time(place, 'ADD', 'first');
}
for (let round = 0; round < rounds; round++) {
  for (const command of ['ADD', 'DEL', 'STATUS'] as const) {
    for (const place of places) {
      if (round % everyRound(place.name, place.size) > 0) continue;
      // Debian's reference knows no STATUS.
      if (command === 'STATUS' && place.name === 'reference') continue;
      place.times[command].push(time(place, command, `c${round}`));
    }
  }
}

console.log(`milliseconds from spawn to exit, ${rounds} rounds in turns`);
console.log('  leases call   program     median     p95   ratio   first');
const median = (name: string, size: number, command: 'ADD' | 'DEL' | 'STATUS'): number =>
  quantile(places.find((each) => each.name === name && each.size === size)!.times[command], 0.5);
for (const size of sizes) {
  for (const command of ['ADD', 'DEL', 'STATUS'] as const) {
    for (const { name, times, first } of places.filter((each) => each.size === size)) {
      if (times[command].length === 0) continue;
      const isCompared = command !== 'STATUS';
      const ratio = median(name, size, command) / median('reference', size, command);
      console.log(
        [
          ...[String(size).padStart(8), command.padEnd(6), name.padEnd(10)],
          ...[shown(times[command]), (isCompared ? ratio.toFixed(2) : '-').padStart(7)],
          command === 'ADD' ? first.toFixed(0).padStart(7) : '',
        ].join(' '),
      );
    }
  }
}

const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
for (const command of ['ADD', 'DEL'] as const) {
  const ratio = median('ours', most, command) / median('ours', least, command);
  console.log(
    `ours, ${command}: at ${most} leases ${ratio.toFixed(2)} × the time at ${least} (limit 1.20)`,
  );
  if (ratio > 1.2) process.exitCode = 1;
}

/** Apart from each other, so that the difference is what waiting for the lock costs. */
for (const name of ['one network', 'a network each']) {
  for (const each of programs) {
    const program = { ...each, dataDir: join(each.dataDir, 'parallel') };
    const network = (at: number): string => (name === 'one network' ? 'bench' : `bench${at}`);
    fill(program.dataDir, 0);
    const [add, del] = [
      await parallel(program, 'ADD', network),
      await parallel(program, 'DEL', network),
    ];
    console.log(
      `${PARALLEL} in parallel on ${name}, ${program.name}: ADD ${add.toFixed(2)} s, DEL ${del.toFixed(2)} s`,
    );
  }
}

/** In-process, so that nothing but the lease itself is in the figure. */
const spans = ['sync', 'async'].map((durability) => {
  const dataDir = join(folder, durability);
  const ipam = hostLocal({ name: 'bench', ipam: { dataDir, subnet: '10.0.0.0/8', durability } });
  const spent: number[][] = [[], []];
  for (let round = 0; round < 300; round++) {
    const owner = { containerId: `c${round}`, ifname: 'eth0' };
    const started = performance.now();
    ipam.add(owner);
    const added = performance.now();
    ipam.del(owner);
    spent[0]!.push(added - started);
    spent[1]!.push(performance.now() - added);
  }
  const [add, del] = spent.map((times) => quantile(times, 0.5));
  console.log(
    `durability ${durability}, in-process on this disk: ADD ${add!.toFixed(2)} ms, DEL ${del!.toFixed(2)} ms`,
  );
  return { add: add!, del: del! };
});
const [sync, async] = spans;
console.log(
  `fsync: ${(sync!.add - async!.add).toFixed(2)} ms of an ADD, ${(sync!.del - async!.del).toFixed(2)} ms of a DEL`,
);

/**
 * STATUS is polled every few seconds. Where a range has room for more than all leases nothing is
 * counted; where it has not, all leases are.
 */
for (const { size, dataDir } of places.filter(({ name }) => name === 'ours')) {
  for (const [kind, subnet] of Object.entries({ roomy: '10.0.0.0/8', exhausted: '10.0.0.0/30' })) {
    const ipam = hostLocal({ name: 'bench', ipam: { dataDir, subnet } });
    let refused = 0;
    const times = Array.from({ length: 200 }, () => {
      const started = performance.now();
      try {
        ipam.status();
      } catch {
        refused++;
      }
      return performance.now() - started;
    });
    if (refused !== (kind === 'exhausted' ? times.length : 0)) throw new Error(`STATUS of ${kind}`);
    console.log(
      `STATUS in-process, ${size} leases, range ${kind}: median ${quantile(times, 0.5).toFixed(2)} ms, p95 ${quantile(times, 0.95).toFixed(2)} ms (limit 3)`,
    );
    if (quantile(times, 0.5) > 3) process.exitCode = 1;
  }
}

rmSync(folder, { recursive: true, force: true });
driver?.close();
