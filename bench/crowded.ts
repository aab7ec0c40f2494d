/**
 * ADD and DEL with masquerade on a crowded host: beside ten thousand rules of another program, and
 * beside a thousand other attachments, in turns with an empty host.
 *
 *     npm run bench:crowded [-- --runs=40]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildCni } from '../scripts/build-cni.ts';
import { execPlugin } from '../scripts/cni-runtime.ts';
import { requirePackages } from '../scripts/debian.ts';
import { requireHostKernel } from '../scripts/host-kernel.ts';
import { createNamespace } from '../test/harness/namespace.ts';
import { prepare, type Program, timeOf } from './attach.ts';

const OURS = resolve(import.meta.dirname, '../dist/cni/bin/bridge');
const RULES = 10_000;
const OTHERS = 1000;
/** Not counted. */
const WARM_UP = 3;

const { values } = parseArgs({ options: { runs: { type: 'string', default: '40' } } });

/** Rules of another table on the same hook, which no packet of ours meets. */
function addRules({ host }: Program): void {
  const rule = (_: unknown, i: number): string => `ip saddr 203.0.${i >> 8}.${i & 255} accept\n`;
  const rules = Array.from({ length: RULES }, rule).join('');
  const chain = `chain c { type filter hook postrouting priority 0;\n${rules}}`;
  const input = `table inet foreign {\n${chain}\n}\n`;
  const { status, stderr } = host.run(() => spawnSync('nft', ['-f', '-'], { input }));
  if (status !== 0) throw new Error(`nft: ${String(stderr)}`);
}

/** Interfaces of one container: to the host they are no different from many containers. */
function attachOthers({ host, binary, network }: Program): void {
  const { path: netns, name: containerId } = createNamespace();
  for (let i = 0; i < OTHERS; i++) {
    const call = { command: 'ADD', containerId, netns, ifname: `e${i}` } as const;
    const { code, stdout } = host.run(() => execPlugin(binary, call, network));
    if (code !== 0) throw new Error(`ADD ${i}: ${stdout}`);
  }
}

const median = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]!;

async function bench(runs: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-crowded-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const options = { masquerade: true, dualStack: false };
  const host = (name: string): Program => prepare(name, OURS, folder, options);
  const [empty, one, rules, others] = ['empty', 'one', 'rules', 'others'].map(host);
  const hosts: Record<string, Program> = {
    'an empty host': empty!,
    'one other attachment': one!,
    [`${RULES} rules of others`]: rules!,
    [`${OTHERS} other attachments`]: others!,
  };
  addRules(rules!);
  const { path: netns, name: containerId } = createNamespace();
  const first = { command: 'ADD', containerId, netns, ifname: 'e0' } as const;
  one!.host.run(() => execPlugin(OURS, first, one!.network));
  attachOthers(others!);
  const times = new Map(Object.keys(hosts).map((name) => [name, { ADD: [], DEL: [] } as Times]));
  for (let round = -WARM_UP; round < runs; round++) {
    for (const [name, program] of Object.entries(hosts)) {
      const container = createNamespace();
      for (const command of ['ADD', 'DEL'] as const) {
        const time = timeOf(program, command, container);
        if (round >= 0) times.get(name)![command].push(time);
      }
      container.remove();
    }
    // Lets signals be handled.
    await setImmediate();
  }
  const base = times.get('one other attachment')!;
  console.log('milliseconds (median), and as a ratio to one other attachment');
  for (const [name, { ADD, DEL }] of times) {
    const cell = (list: number[], to: number[]): string =>
      `${median(list).toFixed(2).padStart(8)} ×${(median(list) / median(to)).toFixed(2)}`;
    console.log(`${name.padEnd(26)} ADD ${cell(ADD, base.ADD)}   DEL ${cell(DEL, base.DEL)}`);
  }
}

type Times = Record<'ADD' | 'DEL', number[]>;

try {
  requirePackages('iproute2', 'nftables');
  buildCni();
  await requireHostKernel('the times of user-mode Linux say nothing');
  await bench(Number(values.runs));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
