/**
 * The executables where a process gets little, and where runtimes of JavaScript would stumble; the
 * reference beside them.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { buildCni, cniFolder } from '../../../scripts/build-cni.ts';
import { REFERENCE, referencePlugin } from '../../../scripts/reference.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { changes, failed, freshNode, lasting, succeeded } from '../../harness/node.ts';
import { ourPlugin } from '../../harness/plugin.ts';

/** Shell commands to execute `"$@"` in some surroundings. */
interface Surroundings {
  readonly around: string;
  /**
   * For VERSION, ADD and DEL of the reference: whether each is to succeed. Where it is not told
   * that is only noted.
   */
  readonly reference?: readonly boolean[];
}

const SURROUNDINGS: Readonly<Record<string, Surroundings>> = {
  '12 MB of address space': {
    around: 'ulimit -v 12000; exec "$@"',
    reference: [false, false, false],
  },
  '128 KB of stack': { around: 'ulimit -s 128; exec "$@"' },
  '16 open files': { around: 'ulimit -n 16; exec "$@"' },
  // Where there are control groups; user-mode Linux has none, and there nothing is limited.
  'a memory cgroup of 8 MB': {
    around: `root=/sys/fs/cgroup limit=memory.max
[ -d $root/memory ] && root=$root/memory limit=memory.limit_in_bytes
group=$root/netlink-ts-$$
if mkdir $group && echo 8M >$group/$limit; then echo $$ >$group/cgroup.procs; fi 2>/dev/null
"$@"
code=$?
if [ -d $group ]; then echo $$ >$root/cgroup.procs; rmdir $group; fi 2>/dev/null
exit $code`,
  },
  'no page both written and executed': {
    // PR_SET_MDWE of prctl(2), where the kernel has it.
    around: `exec python3 -c 'import ctypes, os, sys
ctypes.CDLL(None).prctl(65, 1, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])' "$@"`,
  },
  'a working directory that was removed': {
    around: 'folder=$(mktemp -d); cd "$folder"; rmdir "$folder"; exec "$@"',
    reference: [true, true, true],
  },
  'standard error closed': { around: 'exec "$@" 2>&-', reference: [true, true, true] },
  'settings of other runtimes in the environment, and no HOME': {
    around: `exec env -u HOME ${Object.entries({
      ...{ BUN_OPTIONS: '--no', BUN_BE_BUN: '1', BUN_INSPECT: '1', BUN_JSC_useJIT: 'no' },
      ...{ NODE_OPTIONS: '--no', NODE_PATH: '/no', LD_PRELOAD: '/no.so', LD_LIBRARY_PATH: '.' },
      ...{ LD_DEBUG: 'all', MALLOC_ARENA_MAX: 'x', TZ: ':/no', LANG: 'C' },
    })
      .map((pair) => pair.join('='))
      .join(' ')} "$@"`,
  },
};

if (process.arch === 'x64') {
  Object.assign(SURROUNDINGS, {
    'a processor of the first 64 bits': { around: 'exec qemu-x86_64 -cpu qemu64 "$@"' },
  });
}

/** A program that executes a plugin in surroundings. */
function wrapped(t: ExecutionContext, around: string, binary: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'limits-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const wrapper = join(folder, 'bridge');
  writeFileSync(wrapper, `#!/bin/bash\nset -- ${binary}\n${around}\n`, { mode: 0o755 });
  return wrapper;
}

for (const [name, { around, reference }] of Object.entries(SURROUNDINGS)) {
  test.serial(`executable: with ${name} VERSION, ADD and DEL work`, (t) => {
    const outcomes = (binary: string): boolean[] => {
      const node = freshNode(t);
      const container = freshNamespace(t);
      const wrapper = wrapped(t, around, binary);
      const before = node.snapshot(container);
      const config = node.config(['10.88.0.0/16'], { isGateway: true });
      const version = node.call('VERSION', config, {}, wrapper);
      // The reference executes its IPAM plugin.
      const more = { netns: container.path, path: REFERENCE };
      const [add, del] = (['ADD', 'DEL'] as const).map((command) =>
        node.call(command, config, more, wrapper),
      );
      if (binary === ourPlugin('bridge')) {
        t.like(version, { code: 0, stderr: '' });
        t.is(succeeded(add!).ips[0]!.address, '10.88.0.2/16');
        t.like(del, { code: 0, stdout: '', stderr: '' });
        const left = (): string[] => changes(before, node.snapshot(container));
        t.deepEqual(
          lasting(() => left().filter((line) => /veth|eth0|10\.88\.0\.2\b/.test(line))),
          [],
        );
      }
      return [version, add!, del!].map(({ code }) => code === 0);
    };
    outcomes(ourPlugin('bridge'));
    const theirs = outcomes(referencePlugin('bridge'));
    t.log(`the reference: ${theirs.map((works) => (works ? 'works' : 'fails')).join(', ')}`);
    if (reference !== undefined) t.deepEqual(theirs, reference);
  });
}

/** Becomes a user other than root, who has a user namespace of its own. */
const AS_USER = ['--reuid=64321', '--regid=64321', '--clear-groups', 'unshare', '--user'] as const;

/**
 * A shell and what it executes: no thread can be made. Root is exempt from this limit, and so is
 * who may override it on the host, but not root of a user namespace.
 */
const hasUsers = spawnSync('setpriv', [...AS_USER, 'true']).status === 0;
(hasUsers ? test.serial : test.serial.skip)(
  'executable: with two processes VERSION, ADD and DEL work',
  (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'limits-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    // Where other users can get at it: the folder for temporary files may be closed to them.
    const open = '/mnt';
    for (const [name, from] of [
      ['bridge', ourPlugin('bridge')],
      ['their-bridge', referencePlugin('bridge')],
      ['host-local', referencePlugin('host-local')],
    ] as const) {
      copyFileSync(from, join(folder, name));
    }
    const ranges = [[{ subnet: '10.88.0.0/16' }]];
    const ipam = { type: 'host-local', dataDir: '/run/leases', ranges };
    const config = { cniVersion: '1.0.0', name: 'net1', type: 'bridge', isGateway: true, ipam };
    writeFileSync(join(folder, 'config'), JSON.stringify(config));
    const script = `
mount -t tmpfs none /run && ip link set lo up && ip netns add c1 || exit 1
export CNI_CONTAINERID=c1 CNI_NETNS=/run/netns/c1 CNI_IFNAME=eth0 CNI_PATH=${open}
for plugin in bridge their-bridge; do
  for command in VERSION ADD DEL; do
    CNI_COMMAND=$command prlimit --nproc=2 ${open}/$plugin <${open}/config >/run/$command 2>&1
    [ $? = 0 ] && echo works || echo fails
    [ $plugin$command != bridgeADD ] || ls /run/leases/net1
  done
done
ls /run/leases/net1
ip -o link show type veth`;
    chmodSync(folder, 0o755);
    const { stdout, stderr } = spawnSync(
      'unshare',
      [
        ...['--mount', 'sh', '-c', `mount --bind ${folder} ${open} && exec "$@"`, 'sh', 'setpriv'],
        // A network namespace of root of that user namespace, who may read all of it.
        ...[...AS_USER, '--map-root-user', 'unshare', '--net', '--mount', 'sh', '-c', script],
      ],
      { encoding: 'utf8' },
    );
    const files = ['last_reserved_ip.0', 'lock'];
    t.deepEqual(
      { stdout: stdout.trim().split('\n'), stderr },
      {
        stdout: [
          ...['works', 'works', '10.88.0.2', ...files, 'works'],
          ...['fails', 'fails', 'fails', ...files],
        ],
        stderr: '',
      },
    );
  },
);

test.serial(
  'executable: with everything closed ADD and DEL work, and no file gets an answer',
  (t) => {
    const outcomes = [ourPlugin('bridge'), referencePlugin('bridge')].map((binary) => {
      const node = freshNode(t);
      const container = freshNamespace(t);
      const config = node.config(['10.88.0.0/16'], { isGateway: true });
      const folder = mkdtempSync(join(tmpdir(), 'limits-'));
      t.teardown(() => rmSync(folder, { recursive: true }));
      writeFileSync(join(folder, 'config'), JSON.stringify(config));
      const run = (around: string) => wrapped(t, around, binary);
      const call = { netns: container.path, path: REFERENCE };
      const closed = run(`exec "$@" <${join(folder, 'config')} >&- 2>&-`);
      const { code } = node.call('ADD', config, call, closed);
      t.deepEqual(node.leases(), { 'net1/10.88.0.2': 'c1\r\neth0' });
      // Without a configuration there is nothing to do.
      const nothing = node.call('ADD', '', { ...call, containerId: 'c2' }, run('exec "$@" <&-'));
      t.is(node.call('DEL', config, call, closed).code, 0);
      t.deepEqual(node.leases(), {});
      return [code, nothing.code, (nothing.json as { code: number }).code];
    });
    t.deepEqual(outcomes[0], [0, 1, 6]);
    t.deepEqual(outcomes[1], outcomes[0]);
  },
);

test.serial('executable: the file for arm64 attaches and detaches under qemu', (t) => {
  if (process.env['NETLINK_TS_PREPARED'] !== '1') buildCni('arm64');
  const folder = resolve(import.meta.dirname, '../../..', cniFolder('arm64'), 'bin');
  const plugin = (name: string): string =>
    process.arch === 'arm64'
      ? join(folder, name)
      : wrapped(t, `exec -a ${name} qemu-aarch64 -0 ${name} "$@"`, join(folder, name));
  const node = freshNode(t);
  const container = freshNamespace(t);
  const config = node.config(['10.88.0.0/16'], { isGateway: true });
  const more = { netns: container.path };
  for (const [name, address] of [
    ['bridge', '10.88.0.2'],
    ['host-local', '10.88.0.3'],
  ] as const) {
    const binary = plugin(name);
    t.like(node.call('VERSION', config, more, binary).json, { cniVersion: '1.1.0' });
    const refused = failed(node.call('ADD', { ...config, ipam: 1 }, more, binary));
    t.is(refused.code, 7);
    const added = node.call('ADD', config, more, binary);
    t.is(succeeded(added).ips[0]!.address, `${address}/16`);
    t.deepEqual(node.leases(), { [`net1/${address}`]: 'c1\r\neth0' });
    const check = { ...config, prevResult: added.json };
    t.like(node.call('CHECK', check, more, binary), { code: 0, stdout: '' });
    t.like(node.call('DEL', config, more, binary), { code: 0, stdout: '' });
    t.deepEqual(node.leases(), {});
  }
});

const isUml = readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');
/** What this kernel does for all processes is nothing to change on a host. */
(isUml ? test.serial : test.serial.skip)(
  'executable: where memory is not promised twice (vm.overcommit_memory=2) VERSION, ADD and DEL work',
  (t) => {
    // 64 MB beside what runs already.
    const around = `
set_to() { echo "$2" >/proc/sys/vm/"$1"; }
trap 'set_to overcommit_memory 0; set_to overcommit_ratio 50' EXIT
set_to overcommit_kbytes $(awk '/^Committed_AS/ { print $2 + 65536 }' /proc/meminfo)
set_to overcommit_memory 2
"$@"`;
    const node = freshNode(t);
    const container = freshNamespace(t);
    const config = node.config(['10.88.0.0/16'], { isGateway: true });
    const call = { netns: container.path };
    const answersOf = (binary: string) => {
      const wrapper = wrapped(t, around, binary);
      return (['VERSION', 'ADD', 'DEL'] as const).map((command) =>
        node.call(command, config, { ...call, path: REFERENCE }, wrapper),
      );
    };
    const answers = answersOf(ourPlugin('bridge'));
    t.deepEqual(
      answers.map(({ code, stderr }) => ({ code, stderr })),
      answers.map(() => ({ code: 0, stderr: '' })),
    );
    t.deepEqual(node.leases(), {});
    const theirs = answersOf(referencePlugin('bridge'));
    t.log(
      `the reference: ${theirs.map(({ code }) => (code === 0 ? 'works' : 'fails')).join(', ')}`,
    );
  },
);

test.serial('executable: without /proc VERSION works, and ADD reports what it lacks', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const around = 'exec unshare -m sh -c \'umount -l /proc && exec "$@"\' sh "$@"';
  const wrapper = wrapped(t, around, ourPlugin('bridge'));
  const config = node.config(['10.88.0.0/16'], { isGateway: true });
  const before = node.snapshot(container);
  t.is(node.call('VERSION', config, {}, wrapper).code, 0);
  const add = failed(node.call('ADD', config, { netns: container.path }, wrapper));
  t.regex(add.msg + (add.details ?? ''), /\/proc\//);
  t.deepEqual(node.changes(before, container), []);
  const theirs = wrapped(t, around, referencePlugin('bridge'));
  const outcomes = (['VERSION', 'ADD'] as const).map(
    (command) =>
      node.call(command, config, { netns: container.path, path: REFERENCE }, theirs).code,
  );
  t.deepEqual(outcomes, [0, 1], 'the reference');
});

test.serial(
  'executable: with any little memory there is one answer, and what ADD made DEL removes',
  (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const config = node.config(['10.88.0.0/16'], { isGateway: true });
    const call = { netns: container.path };
    const codes = new Set<number>();
    // From where the kernel can execute the file to where everything works.
    for (let kilobytes = 3000; kilobytes <= 9000; kilobytes += 500) {
      const wrapper = wrapped(t, `exec prlimit --as=${kilobytes * 1024} "$@"`, ourPlugin('bridge'));
      const version = node.call('VERSION', config, {}, wrapper);
      const add = node.call('ADD', config, call, wrapper);
      for (const { code, stdout } of [version, add]) {
        t.true(code === 0 || code === 1, `${kilobytes} KB: ${code} ${stdout}`);
        t.notThrows(() => JSON.parse(stdout), `${kilobytes} KB: ${stdout}`);
      }
      codes.add(add.code!);
      t.is(node.call('DEL', config, call).code, 0);
      t.deepEqual(node.leases(), {});
    }
    t.deepEqual([...codes].sort(), [0, 1]);
  },
);

test('executable: JSON that is nested too deep is refused where the reference refuses it', (t) => {
  const nested = (depth: number): string =>
    `{"cniVersion":"1.0.0","name":"n","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  const env = {
    ...{ CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'a', CNI_NETNS: '/no', CNI_IFNAME: 'e' },
    CNI_PATH: '/no',
  };
  const isRefused = (binary: string, depth: number): boolean => {
    const ran = spawnSync(binary, [], { env, input: nested(depth), encoding: 'utf8' });
    t.is(ran.status, 1);
    return (JSON.parse(ran.stdout) as { code: number }).code === 6;
  };
  for (const depth of [9990, 10_010, 200_000]) {
    const theirs = isRefused(referencePlugin('static'), depth);
    t.is(isRefused(ourPlugin('static'), depth), theirs, `${depth} levels`);
    t.is(theirs, depth > 10_000);
  }
});
