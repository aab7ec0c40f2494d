/**
 * Kills a process of ours at every file operation of ADD, DEL and GC, and looks at what is left.
 *
 *     npm run test:ipam-faults -- [--kills=2000] [--seed=1]
 *
 * Two thousand kills take three minutes, ten thousand a quarter of an hour.
 *
 * The operations of a call are counted with strace(1); then the same call is made again and again,
 * killed at the first, the second, … of them, with the owner index current, stale or missing, or no
 * folder of our own, and with `cooldown` and `sticky` on and off. After every kill: no file is
 * torn, every attached owner still holds its addresses and nobody else does. After the call is made
 * again, or after a GC: exactly the attached owners hold leases, and no temporary file is left.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress } from '../../../src/ip.ts';
import { checkLeases, hostLocal, listLeases, type HostLocal } from '../../../src/ipam/index.ts';
import { option, seededRandom } from './options.ts';
import { driverProcess, type Call, type KillPoint } from './process.ts';

const kills = option('kills', 2000);
const { seed, next: random } = seededRandom();
const driver = driverProcess();
const dataDir = join(driver.folder, 'data');
const path = join(dataDir, 'net');
const state = join(dataDir, '.netlink-ts/net');

const policies = [{}, { sticky: true, cooldown: 1 }, { durability: 'async' }];
const indexes = ['current', 'stale', 'missing', 'no state'] as const;
const commands = ['ADD', 'DEL', 'GC'] as const;

/** Attached owners with their addresses. */
const attached = new Map<string, string[]>();
let created = 0;
let done = 0;
let repeats = 0;
const perCall = new Map<string, number>();

function network(policy: object): Record<string, unknown> {
  const ranges = [[{ subnet: '10.7.0.0/24' }], [{ subnet: '2001:db8::/112' }]];
  const listed = [...attached.keys()].map((containerID) => ({ containerID, ifname: 'eth0' }));
  const ipam = { type: 'host-local', dataDir, ranges, ...policy };
  return { name: 'net', cniVersion: '1.1.0', ipam, 'cni.dev/valid-attachments': listed };
}

const ours = (policy: object): HostLocal => hostLocal(network(policy));
const owner = (containerId: string) => ({ containerId, ifname: 'eth0' });

function attach(containerId: string, policy: object): void {
  const { ips } = ours(policy).add(owner(containerId)).result;
  attached.set(
    containerId,
    ips.map(({ address }) => address.split('/')[0]!),
  );
}

function leases(): Map<string, string> {
  const names = existsSync(path) ? readdirSync(path) : [];
  const found = new Map<string, string>();
  for (const name of names) {
    const text = readFileSync(join(path, name), 'utf8');
    if (name.startsWith('last_reserved_ip.')) assert.ok(parseAddress(text), `${name}: "${text}"`);
    else if (name !== 'lock') {
      assert.match(text, /^c\d+\r\neth0$/, `${name} is torn: "${text}"`);
      found.set(name, text.split('\r\n')[0]!);
    }
  }
  return found;
}

/** What must hold at any moment. */
function checkSafe(): void {
  const found = leases();
  for (const [id, addresses] of attached) {
    for (const address of addresses) assert.equal(found.get(address), id, `${address} of ${id}`);
  }
}

/** What must hold once the call was made again. */
function checkClean(): void {
  const held = [...attached].flatMap(([id, addresses]) => addresses.map((at) => [at, id]));
  assert.deepEqual(Object.fromEntries(leases()), Object.fromEntries(held));
}

function prepareIndex(index: (typeof indexes)[number]): void {
  if (index === 'no state') rmSync(state, { recursive: true, force: true });
  else if (index === 'missing') rmSync(join(state, 'owners'), { force: true });
  else if (index === 'stale') utimesSync(path, 1, 1 + done);
  else ours({}).check(owner([...attached.keys()][0]!));
}

function prepare(command: Call['command'], policy: object): string {
  while (attached.size < 3) attach(`c${created++}`, policy);
  if (command === 'DEL') return [...attached.keys()][random(attached.size)]!;
  if (command === 'GC') {
    for (let stale = 0; stale < 2; stale++) ours(policy).add(owner(`c${created++}`));
  }
  return `c${created++}`;
}

/** The call again, as a runtime would do it, or a GC instead. */
function recover(command: Call['command'], id: string, policy: object, isKilled: boolean): void {
  const ipam = ours(policy);
  // A session of its own, so that the list below reads a current index.
  ipam.del(owner('nobody'));
  if (command === 'ADD' && random(2) === 0) {
    const before = listLeases(dataDir, 'net').filter(({ containerId }) => containerId === id);
    const isComplete = before.length > 0 && before.every(({ unfinished }) => !unfinished);
    if (isComplete) {
      // Killed after `commit`, or not at all: the runtime got its result.
      assert.throws(() => ipam.add(owner(id)), /duplicate allocation/);
      assert.equal(before.length, 2);
    } else {
      attach(id, policy);
      const given = attached.get(id)!;
      for (const { address } of before) assert.ok(given.includes(address), `${address} of ${id}`);
      attached.delete(id);
      if (before.length > 0) repeats++;
      assert.ok(isKilled);
    }
    ipam.del(owner(id));
  } else if (command === 'DEL' && random(2) === 0) ipam.del(owner(id));
  ipam.gc(network(policy)['cni.dev/valid-attachments'], Date.now() + 1000);
  const rest = readdirSync(state).filter((name) => name.endsWith('.new'));
  assert.deepEqual(rest, []);
  assert.deepEqual(checkLeases(dataDir, 'net'), []);
}

function round(command: Call['command'], index: (typeof indexes)[number], policy: object): void {
  let missed = 0;
  let points: KillPoint[] = [{ call: 'flock', ordinal: 1 }];
  for (let at = -1; at < points.length && done < kills; at++) {
    const id = prepare(command, policy);
    prepareIndex(index);
    const call: Call = { command, containerId: id, network: network(policy) };
    if (command === 'DEL') attached.delete(id);
    if (at < 0) {
      points = driver.trace(call);
      recover(command, id, policy, false);
      checkClean();
      continue;
    }
    const { isKilled } = driver.kill(call, points[at]!);
    if (isKilled) {
      done++;
      const name = `${command} at ${points[at]!.call}`;
      perCall.set(name, (perCall.get(name) ?? 0) + 1);
    }
    checkSafe();
    recover(command, id, policy, isKilled);
    checkClean();
    missed = isKilled ? 0 : missed + 1;
    // The traced call may have had more to tidy up than those after it.
    if (missed > 10) return;
  }
}

const started = performance.now();
let idle = 0;
try {
  while (done < kills) {
    const before = done;
    const command = commands[random(commands.length)]!;
    round(command, indexes[random(indexes.length)]!, policies[random(policies.length)]!);
    idle = done > before ? 0 : idle + 1;
    assert.ok(idle < 5, 'strace kills nothing');
  }
} catch (error) {
  console.log(`failed after ${done} kills; seed ${seed}; files in ${driver.folder}`);
  console.log('0 passed, 1 failed, 0 skipped');
  throw error;
}
for (const [name, count] of [...perCall].sort()) console.log(`  ${name}: ${count}`);
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(
  `${done} kills in ${seconds} s, ${repeats} cut-off ADDs repeated with their address; seed ${seed}`,
);
console.log('1 passed, 0 failed, 0 skipped');
driver.close();
