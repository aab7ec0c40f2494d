/**
 * Lease files that somebody else wrote, replaced or removed: what each command of the executable
 * then does, beside the reference. It reads all files in each call; ours finds all but what was
 * written over in place, which no time of the directory shows.
 */
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { freshNamespace, type Namespace } from '../harness/namespace.ts';
import { changes } from '../harness/node.ts';
import { execPlugin, ourPlugin, referencePlugin } from '../harness/plugin.ts';

const [A, B, D] = ['a\r\neth0', 'b\r\neth0', 'd\r\neth0'];

interface Scene {
  change(network: string, dataDir: string): void;
  /** Where ours differs: `-` the reference, `+` ours. */
  readonly differs?: readonly string[];
}

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

const lease = (call: string, address: string, content: string): string =>
  `${call}: ${address} ${JSON.stringify(content)}`;

/** ADD by the new owner goes by the index, which does not know of him. */
const GIVES_D_ANOTHER = ['- ADD d: 1', '+ ADD d: 0', `+ ${lease('ADD d', '10.1.2.5', D)}`];

/** Of the leases of `a`, `b` and `c`, at 10.1.2.2 to 10.1.2.4. */
const SCENES: Readonly<Record<string, Scene>> = {
  'leases as they were': { change: () => {} },
  'a lease written over in place': { change: write(D), differs: GIVES_D_ANOTHER },
  'a lease written over in place with an id alone': {
    change: write('d'),
    differs: GIVES_D_ANOTHER,
  },
  'a lease written over in place with a newline behind it': {
    change: write(`${D}\n`),
    differs: GIVES_D_ANOTHER,
  },
  'a lease written over in place with an id and a newline': {
    change: write('d\n'),
    differs: GIVES_D_ANOTHER,
  },
  'a lease written over in place with CR LF behind it': {
    change: write(`${D}\r\n`),
    differs: GIVES_D_ANOTHER,
  },
  'a lease written over in place for an owner who has another': {
    change: write(B),
    differs: [`+ ${lease('DEL b', '10.1.2.2', B)}`],
  },
  'two leases written over in place crosswise': {
    change: (network) => {
      write(B)(network);
      write(A, '10.1.2.3')(network);
    },
    differs: [
      '- ADD a: 1',
      '- ADD b: 1',
      '+ ADD a: 0',
      `+ ${lease('ADD a', '10.1.2.5', A)}`,
      '+ ADD b: 0',
      `+ ${lease('ADD b', '10.1.2.5', B)}`,
    ],
  },
  'a lease replaced by rename': {
    change: (network) => {
      write(D, 'new')(network);
      move('new', '10.1.2.2')(network);
    },
  },
  'a lease moved to another address': { change: move('10.1.2.2', '10.1.2.7') },
  "a lease moved over another owner's": { change: move('10.1.2.2', '10.1.2.3') },
  'a lease removed': { change: (network) => rmSync(join(network, '10.1.2.2')) },
  'a lease put there by hand': { change: write(D, '10.1.2.9') },
  'a lease put there by hand with an id alone': { change: write('d', '10.1.2.9') },
  'the index removed': { change: (_network, dataDir) => removeIndex(dataDir) },
  'the index removed and a lease written over in place': {
    change: (network, dataDir) => {
      removeIndex(dataDir);
      write(D)(network);
    },
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
 * On a host of its own, because GC spares what a plugin on its host is just attaching. GC keeps what
 * `containerId` has.
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
    ipam: { type: 'host-local', dataDir, subnet: '10.1.2.0/24' },
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
function outcomes(t: ExecutionContext, binary: string, change: Scene['change']): string[] {
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

for (const [title, { change, differs = [] }] of Object.entries(SCENES)) {
  // Eighty executions take long in there, and the kernels do not differ in files.
  if (isUml) break;
  test.serial(`host-local: ${title}`, (t) => {
    const reference = outcomes(t, referencePlugin('host-local'), change);
    const ours = outcomes(t, ourPlugin('host-local'), change);
    t.deepEqual(changes(reference, ours), [...differs]);
  });
}

test.serial('host-local: a second DEL frees what the index did not know of', (t) => {
  const dataDir = folder(t);
  const host = freshNamespace(t);
  const run = (command: Command, id: string) =>
    call(host, ourPlugin('host-local'), dataDir, command, id);
  for (const id of ['a', 'b']) run('ADD', id);
  write(B)(join(dataDir, 'net'));
  t.is(run('DEL', 'b').code, 0);
  t.is(run('DEL', 'b').code, 0);
  t.deepEqual(leasesIn(dataDir), []);
});
