/**
 * Our process and the reference's own host-local on one directory: 1,000 random operations in
 * turns, then 200 ADDs and 200 DELs in parallel.
 *
 *     node test/ipam/faults/interleave.ts [--operations=1000] [--parallel=200] [--seed=1]
 *
 * Both must see each other's leases at every step: a duplicate is refused whoever made the first,
 * CHECK finds what the other made, DEL frees it, and the last-reserved mark goes on, so that the
 * sequence of addresses is the one of a single program.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memoryStore } from '../../../src/ipam/policy/leases.ts';
import { allocate } from '../../../src/ipam/policy/allocator.ts';
import { formatAddress } from '../../../src/ip.ts';
import { hostLocalConfig } from '../../../src/ipam/policy/config.ts';
import { option, seededRandom } from './options.ts';
import { driverProcess } from './process.ts';
import { buildReference, REFERENCE, referencePlugin } from '../../../scripts/reference.ts';

await buildReference();

const driver = driverProcess();
const dataDir = join(driver.folder, 'data');
const path = join(dataDir, 'net');
const network = {
  name: 'net',
  cniVersion: '1.0.0',
  ipam: {
    type: 'host-local',
    dataDir,
    ranges: [[{ subnet: '10.7.0.0/27' }, { subnet: '10.7.1.0/28' }]],
  },
};
const input = JSON.stringify(network);
const programs = [driver.executable, referencePlugin('host-local')];

const { seed, next: random } = seededRandom();

const environment = (command: string, containerId: string): NodeJS.ProcessEnv => ({
  CNI_COMMAND: command,
  CNI_CONTAINERID: containerId,
  CNI_NETNS: '/x',
  CNI_IFNAME: 'eth0',
  CNI_PATH: REFERENCE,
});

interface Answer {
  readonly status: number | null;
  readonly address: string | undefined;
  readonly msg: string;
}

function answerOf(status: number | null, output: string): Answer {
  const parsed = output === '' ? {} : JSON.parse(output);
  return { status, address: parsed.ips?.[0].address.split('/')[0], msg: parsed.msg ?? '' };
}

function run(program: string, command: string, id: string): Answer {
  const { status, stdout } = spawnSync(program, {
    env: environment(command, id),
    input,
    encoding: 'utf8',
  });
  return answerOf(status, stdout);
}

/** What is in the directory, as address → container. */
function leases(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of existsSync(path) ? readdirSync(path) : []) {
    if (name === 'lock' || name.startsWith('last_reserved_ip.')) continue;
    const text = readFileSync(join(path, name), 'utf8');
    assert.match(text, /^\w+\r\neth0$/, `${name} is torn`);
    found[name] = text.split('\r\n')[0]!;
  }
  return found;
}

/** The policy in memory says what a single program would have done. */
const model = new Map<string, string>();
const marks = new Map<number, string>();
const { rangeSets } = hostLocalConfig(network);
function expected(id: string): string {
  return memoryStore(model, marks).locked((view) => {
    const owner = { containerId: id, ifname: 'eth0' };
    const { address } = allocate(rangeSets[0]!, view, { owner, index: 0 });
    view.setLastReserved(0, address);
    return formatAddress(address);
  });
}

function step(program: string): void {
  const id = `c${random(60)}`;
  const held = [...model].find(([, key]) => key === `${id}\r\neth0`)?.[0];
  const command = ['ADD', 'ADD', 'DEL', 'CHECK'][random(4)]!;
  const answer = run(program, command, id);
  const where = `${command} ${id} by ${program}: ${answer.msg}`;
  if (command === 'CHECK') assert.equal(answer.status, held ? 0 : 1, where);
  else if (command === 'DEL') {
    assert.equal(answer.status, 0, where);
    if (held) model.delete(held);
  } else if (held) assert.match(answer.msg, /duplicate allocation is not allowed/, where);
  else if (model.size === 29 + 13) assert.match(answer.msg, /no IP addresses available/, where);
  else assert.equal(answer.address, expected(id), where);
  const keys = Object.fromEntries(
    [...model].map(([address, key]) => [address, key.split('\r\n')[0]]),
  );
  assert.deepEqual(leases(), keys, where);
  const mark = join(path, 'last_reserved_ip.0');
  if (marks.size > 0) assert.equal(readFileSync(mark, 'utf8'), marks.get(0), where);
}

async function inParallel(count: number): Promise<void> {
  for (const id of new Set(Object.values(leases()))) run(driver.executable, 'DEL', id);
  network.ipam.ranges = [[{ subnet: '10.8.0.0/22' }]];
  const wide = JSON.stringify(network);
  const both = (command: string) =>
    Promise.all(
      Array.from({ length: count }, (_, at) => start(programs[at % 2]!, command, `p${at}`, wide)),
    );
  const added = await both('ADD');
  for (const { status, msg } of added) assert.equal(status, 0, msg);
  assert.equal(new Set(added.map(({ address }) => address)).size, count, 'no address twice');
  const found = leases();
  for (const [at, { address }] of added.entries()) assert.equal(found[address!], `p${at}`);
  for (const { status, msg } of await both('DEL')) assert.equal(status, 0, msg);
  assert.deepEqual(leases(), {});
}

async function start(program: string, command: string, id: string, text: string): Promise<Answer> {
  const child = spawn(program, {
    env: environment(command, id),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  child.stdin.end(text);
  const [status] = (await once(child, 'close')) as [number | null];
  return answerOf(status, output);
}

try {
  const operations = option('operations', 1000);
  for (let at = 0; at < operations; at++) step(programs[random(2)]!);
  const parallel = option('parallel', 200);
  await inParallel(parallel);
  console.log(
    `${operations} operations in turns, ${parallel} ADDs and DELs in parallel; seed ${seed}`,
  );
  console.log('1 passed, 0 failed, 0 skipped');
  driver.close();
} catch (error) {
  console.log(`failed; seed ${seed}; files in ${driver.folder}`);
  console.log('0 passed, 1 failed, 0 skipped');
  throw error;
}
