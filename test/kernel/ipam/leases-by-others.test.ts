/**
 * Lease files that somebody else wrote, replaced or removed: what each command of the executable
 * then does, beside the reference, which reads all files in each call.
 */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { changes } from '../../harness/node.ts';
import { execPlugin, ourPlugin, referencePlugin } from '../../harness/plugin.ts';

const [A, B, D] = ['a\r\neth0', 'b\r\neth0', 'd\r\neth0'];

/** What others do to the directory of the network. */
type Change = (network: string, dataDir: string) => void;

const write =
  (content: string, name = '10.1.2.2') =>
  (network: string): void =>
    writeFileSync(join(network, name), content);

const move =
  (from: string, to: string) =>
  (network: string): void =>
    renameSync(join(network, from), join(network, to));

const removeIndex = (dataDir: string): void =>
  rmSync(join(dataDir, '.netlink-ts'), { recursive: true, force: true });

/** Of the leases of `a`, `b` and `c`, at 10.1.2.2 to 10.1.2.4. */
const SCENES: Readonly<Record<string, Change>> = {
  'leases as they were': () => {},
  'a lease written over in place': write(D),
  'a lease written over in place with an id alone': write('d'),
  'a lease written over in place with a newline behind it': write(`${D}\n`),
  'a lease written over in place with an id and a newline': write('d\n'),
  'a lease written over in place with CR LF behind it': write(`${D}\r\n`),
  'a lease written over in place, which keeps its time': (network) => {
    const { atime, mtime } = statSync(join(network, '10.1.2.2'));
    write(D)(network);
    utimesSync(join(network, '10.1.2.2'), atime, mtime);
  },
  'a lease written over in place for an owner who has another': write(B),
  'two leases written over in place crosswise': (network) => {
    write(B)(network);
    write(A, '10.1.2.3')(network);
  },
  'a lease replaced by rename': (network) => {
    write(D, 'new')(network);
    move('new', '10.1.2.2')(network);
  },
  'a lease moved to another address': move('10.1.2.2', '10.1.2.7'),
  "a lease moved over another owner's": move('10.1.2.2', '10.1.2.3'),
  'a lease removed': (network) => rmSync(join(network, '10.1.2.2')),
  'a lease put there by hand': write(D, '10.1.2.9'),
  'a lease put there by hand with an id alone': write('d', '10.1.2.9'),
  'the index removed': (_network, dataDir) => removeIndex(dataDir),
  'the index removed and a lease written over in place': (network, dataDir) => {
    removeIndex(dataDir);
    write(D)(network);
  },
};

const CALLS = [
  ...(['a', 'b', 'd'] as const).flatMap((id) =>
    (['ADD', 'CHECK', 'DEL'] as const).map((command) => [command, id] as const),
  ),
  ['GC', 'b'],
] as const;

type Command = (typeof CALLS)[number][0];

function folder(t: ExecutionContext): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'leases-'));
  t.teardown(() => rmSync(dataDir, { recursive: true }));
  return dataDir;
}

/**
 * On a host of its own, because GC spares what a plugin on its host is just attaching. GC keeps
 * what `containerId` has.
 */
function call(
  host: Namespace,
  binary: string,
  dataDir: string,
  command: Command,
  containerId: string,
) {
  const owner = { containerId, ifname: 'eth0' };
  const keys = {
    ADD: {},
    DEL: {},
    CHECK: { prevResult: { cniVersion: '1.1.0', ips: [{ address: '10.1.2.2/24' }] } },
    GC: { 'cni.dev/valid-attachments': [{ containerID: containerId, ifname: 'eth0' }] },
  };
  const config = {
    cniVersion: '1.1.0',
    name: 'net',
    type: 'host-local',
    ipam: { type: 'host-local', dataDir, subnet: '10.1.0.0/16', rangeStart: '10.1.2.2' },
    ...keys[command],
  };
  return host.run(() =>
    execPlugin(binary, { command, ...owner, netns: '/run/netns/none' }, config),
  );
}

function leasesIn(dataDir: string): string[] {
  const network = join(dataDir, 'net');
  return readdirSync(network)
    .filter((name) => name.startsWith('10.'))
    .map((name) => `${name} ${JSON.stringify(readFileSync(join(network, name), 'utf8'))}`);
}

/** What each call answers, and the leases behind it. */
function outcomes(t: ExecutionContext, binary: string, change: Change): string[] {
  const host = freshNamespace(t);
  return CALLS.flatMap(([command, id]) => {
    const dataDir = folder(t);
    for (const each of ['a', 'b', 'c']) t.is(call(host, binary, dataDir, 'ADD', each).code, 0);
    change(join(dataDir, 'net'), dataDir);
    const { code } = call(host, binary, dataDir, command, id);
    return [code, ...leasesIn(dataDir)].map((each) => `${command} ${id}: ${each}`);
  });
}

const isUml = readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');

for (const [title, change] of Object.entries(SCENES)) {
  // Eighty executions take long in there, and the kernels do not differ in files.
  if (isUml) break;
  test.serial(`host-local: ${title}`, (t) => {
    const reference = outcomes(t, referencePlugin('host-local'), change);
    const ours = outcomes(t, ourPlugin('host-local'), change);
    t.deepEqual(changes(reference, ours), []);
  });
}

/**
 * What is in the place of the lock or of the mark, and the exit status of ADD: ours, the
 * reference's. It would wait for ever for the other side of a FIFO.
 */
const ODD: Readonly<Record<string, readonly [Change, ours: number, reference?: number]>> = {
  'the lock is a directory': [(net) => mkdirSync(join(net, 'lock')), 1, 1],
  'the lock is a symbolic link to a file': [
    (net, dataDir) => {
      writeFileSync(join(dataDir, 'elsewhere'), '');
      symlinkSync('../elsewhere', join(net, 'lock'));
    },
    1,
    0,
  ],
  'the lock is a symbolic link to nothing': [(net) => symlinkSync('/n/o', join(net, 'lock')), 1, 1],
  'the lock is /dev/null': [device('lock'), 1, 0],
  'the lock is a FIFO': [fifo('lock'), 1],
  'the lock has content, and may only be read': [
    (net) => writeFileSync(join(net, 'lock'), 'x', { mode: 0o400 }),
    0,
    0,
  ],
  'the mark is a directory': [(net) => mkdirSync(join(net, 'last_reserved_ip.0')), 1, 1],
  'the mark is a symbolic link to nothing': [
    (net) => symlinkSync('/n/o', join(net, 'last_reserved_ip.0')),
    0,
    1,
  ],
  'the mark is /dev/null': [device('last_reserved_ip.0'), 0, 0],
  'the mark is a FIFO': [fifo('last_reserved_ip.0'), 0],
  'the mark has an address of another network': [write('10.99.0.1', 'last_reserved_ip.0'), 0, 0],
  'a FIFO is under an address': [fifo('10.1.2.2'), 0],
};

function fifo(name: string): Change {
  return (net) => void execFileSync('mkfifo', [join(net, name)]);
}

function device(name: string): Change {
  return (net) => void execFileSync('mknod', [join(net, name), 'c', '1', '3']);
}

for (const [title, [change, ours, reference]] of Object.entries(ODD)) {
  test.serial(`host-local: ${title}`, (t) => {
    const host = freshNamespace(t);
    const add = (binary: string): number | null => {
      const dataDir = folder(t);
      mkdirSync(join(dataDir, 'net'));
      change(join(dataDir, 'net'), dataDir);
      return call(host, binary, dataDir, 'ADD', 'a').code;
    };
    t.is(add(ourPlugin('host-local')), ours);
    if (reference !== undefined) t.is(add(referencePlugin('host-local')), reference);
  });
}

/** Leases of others, at 10.1.128.0 and above. */
function crowd(dataDir: string, size: number): void {
  mkdirSync(join(dataDir, 'net'));
  for (let at = 0; at < size; at++) {
    write(`other${at}\r\neth0`, `10.1.${128 + (at >> 8)}.${at & 255}`)(join(dataDir, 'net'));
  }
}

const heldBy = (dataDir: string, owner: string): string[] =>
  leasesIn(dataDir).flatMap((each) =>
    each.includes(JSON.stringify(owner)) ? each.split(' ')[0]! : [],
  );

test.serial('host-local: a lease written over in place is noticed among 256', (t) => {
  const dataDir = folder(t);
  const host = freshNamespace(t);
  const run = (command: Command, id: string) =>
    call(host, ourPlugin('host-local'), dataDir, command, id);
  crowd(dataDir, 254);
  for (const id of ['a', 'b']) t.is(run('ADD', id).code, 0);
  write(D)(join(dataDir, 'net'));
  t.not(run('ADD', 'd').code, 0);
  t.deepEqual(heldBy(dataDir, D), ['10.1.2.2']);
  write(B)(join(dataDir, 'net'));
  t.is(run('DEL', 'b').code, 0);
  t.deepEqual(heldBy(dataDir, B), []);
});

test.serial(
  'host-local: among more, it is noticed by CHECK and DEL of its new and its old owner',
  (t) => {
    const dataDir = folder(t);
    const host = freshNamespace(t);
    const run = (command: Command, id: string) =>
      call(host, ourPlugin('host-local'), dataDir, command, id);
    crowd(dataDir, 257);
    t.is(run('ADD', 'a').code, 0);
    const network = join(dataDir, 'net');
    write(D)(network);
    t.is(run('CHECK', 'd').code, 0);
    t.not(run('ADD', 'd').code, 0);
    write(B)(network);
    t.is(run('DEL', 'd').code, 0);
    t.not(run('ADD', 'b').code, 0);
    write(D)(network);
    t.is(run('DEL', 'd').code, 0);
    t.deepEqual(heldBy(dataDir, D), []);
  },
);
