/**
 * The same input to the reference's executables and to ours: equal output, or a difference that
 * stands in the table below.
 *
 * The reference is what scripts/reference.ts builds.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext, type TestFn } from 'ava';
import { runPlugin, type Plugin } from '../../../src/cni/skel.ts';
import { hostLocalPlugin } from '../../../src/plugins/host-local/commands.ts';
import { staticPlugin } from '../../../src/plugins/static/commands.ts';
import { hasReference, referencePlugin } from '../../../scripts/reference.ts';

const compare: TestFn = hasReference() ? test : (test.skip as unknown as TestFn);

const PLUGINS: Readonly<Record<string, Plugin>> = {
  static: staticPlugin,
  'host-local': hostLocalPlugin,
};
const ENV = {
  CNI_COMMAND: 'ADD',
  CNI_CONTAINERID: 'c1',
  CNI_NETNS: '/no/where',
  CNI_IFNAME: 'eth0',
  CNI_PATH: '/opt/cni/bin',
};

interface Output {
  readonly code: number | null;
  readonly stdout: string;
}
interface ErrorObject {
  readonly code: number;
  readonly msg: string;
}

function theirs(plugin: string, stdin: string, env: object): Output {
  const ran = spawnSync(referencePlugin(plugin), {
    input: stdin,
    env: { ...ENV, ...env },
    encoding: 'utf8',
  });
  return { code: ran.status, stdout: ran.stdout };
}

function ours(plugin: string, stdin: string, env: object): Output {
  let stdout = '';
  const code = runPlugin(PLUGINS[plugin]!, {
    env: { ...ENV, ...env },
    readStdin: () => new TextEncoder().encode(stdin),
    writeStdout: (text) => void (stdout += text),
    writeStderr: () => {},
    isOwnNetns: () => false,
  }) as number;
  return { code, stdout };
}

function both(t: ExecutionContext, plugin: string, stdin: string, env: object): [Output, Output] {
  const directory = mkdtempSync(join(tmpdir(), 'reference-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const config = (side: string): string => stdin.replaceAll('DIR', join(directory, side));
  return [theirs(plugin, config('theirs'), env), ours(plugin, config('ours'), env)];
}

const title = (given: string | undefined, plugin: string, stdin: string, env: object): string =>
  `reference: ${given ?? `${plugin} ${stdin} ${JSON.stringify(env)}`}`;

const same = test.macro({
  exec(t, plugin: string, stdin: string, env: object) {
    const [reference, mine] = both(t, plugin, stdin, env);
    t.is(mine.code, reference.code);
    if (reference.code === 0) {
      t.is(mine.stdout, reference.stdout);
    } else {
      const { code, msg } = JSON.parse(reference.stdout) as ErrorObject;
      t.like(JSON.parse(mine.stdout), { code, msg });
    }
  },
  title,
});

/** Both refuse it, each in its own words. */
const refused = test.macro({
  exec(t, plugin: string, stdin: string, env: object) {
    const [reference, mine] = both(t, plugin, stdin, env);
    t.is(reference.code, 1);
    t.is(mine.code, 1);
  },
  title,
});

/** The same message under the code that the specification gives. */
const recoded = test.macro({
  exec(t, plugin: string, stdin: string, env: object, from: number, to: number) {
    const [reference, mine] = both(t, plugin, stdin, env);
    const expected = JSON.parse(reference.stdout) as ErrorObject;
    const found = JSON.parse(mine.stdout) as ErrorObject;
    t.is(expected.code, from);
    t.is(found.code, to);
    t.true(found.msg.endsWith(expected.msg), found.msg);
  },
  title: (given, plugin: string, stdin: string, env: object, from: number, to: number) =>
    `${title(given, plugin, stdin, env)} (code ${to} instead of ${from})`,
});

const A = '"addresses":[{"address":"10.0.0.2/24","gateway":"10.0.0.1"},{"address":"fd00::2/64"}]';
const R =
  '"routes":[{"dst":"0.0.0.0/0"},{"dst":"10.9.0.0/16","gw":"10.0.0.9"},{"dst":"::/0","gw":"fd00::9"}]';
const D = '"dns":{"nameservers":["<1>&"],"domain":"d","search":["s"],"options":["o"]}';
const conf = (version: string, ipam: string, more = ''): string =>
  `{"cniVersion":"${version}","name":"n","ipam":{"type":"x",${ipam}}${more}}`;
const plain = conf('0.4.0', A);

// Results, byte for byte; those of 1.0.0 this release still prints with unsorted keys.
for (const version of ['', '0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0']) {
  compare(
    `static prints ${version || 'no version'} as the reference does`,
    same,
    'static',
    conf(version, `${A},${R},${D}`),
    {},
  );
  compare(
    `host-local prints ${version || 'no version'} as the reference does`,
    same,
    'host-local',
    conf(
      version,
      `"dataDir":"DIR","ranges":[[{"subnet":"10.1.0.0/16"}],[{"subnet":"fd00::/64"}]],${R}`,
    ),
    {},
  );
}
compare(same, 'static', conf('0.4.0', A, ',"RuntimeConfig":{"IPs":["10.8.0.2/8"]}'), {});
compare(same, 'static', conf('0.4.0', A, ',"args":{"CNI":{"ips":["10.8.0.2/8"]}}'), {});
compare(same, 'static', plain, {
  CNI_ARGS: 'IP=10.0.0.9/24,10.7.0.9/16;GATEWAY=10.0.0.1;IgnoreUnknown=1;X=y',
});
compare(same, 'static', conf('0.4.0', '"ADDRESSES":[{"address":"10.0.0.1/024"}]'), {});
compare(same, 'static', plain, { CNI_COMMAND: 'DEL', CNI_NETNS: '' });
compare(
  'static prints IPv4-mapped prefixes as the IPv4 prefixes that they are',
  same,
  'static',
  conf(
    '0.4.0',
    '"addresses":[{"address":"::ffff:10.1.1.5/120","gateway":"::ffff:10.1.1.1"}],"routes":[{"dst":"::ffff:10.9.0.0/112"}]',
    ',"runtimeConfig":{"ips":["::ffff:10.1.1.6/128"]}',
  ),
  { CNI_ARGS: 'IP=::ffff:10.1.1.7/120;GATEWAY=10.1.1.1' },
);
compare(same, 'static', conf('0.4.0', '"addresses":[{"address":"::ffff:10.1.1.5/120"}]'), {
  CNI_ARGS: 'IP=::ffff:10.1.1.7/120;GATEWAY=10.1.1.1',
});

// Repeated keys: objects are merged, lists and pointers are taken back by null.
const twice = (...members: readonly string[]): string =>
  `{"cniVersion":"0.4.0","name":"n",${members.join(',')}}`;
compare(same, 'static', twice(`"ipam":{${A}}`, `"IPAM":{${R}}`, `"ipam":{${D}}`), {});
compare(
  same,
  'static',
  twice(`"ipam":{${A},"dns":{"domain":"a"},"DNS":null,"dns":{"search":["b"]}}`),
  {},
);
compare(same, 'static', twice(`"ipam":{${A},${R},"routes":null}`), {});
compare(same, 'static', twice('"ipam":null', `"ipam":{${A}}`), {});
compare(
  same,
  'static',
  twice('"runtimeConfig":{"ips":["10.8.0.2/8"]}', '"runtimeConfig":null', '"ipam":{}'),
  {},
);
compare(
  same,
  'static',
  twice('"args":{"cni":{"ips":["10.8.0.2/8"]}}', '"args":null', `"ipam":{${A}}`),
  {},
);
compare(
  same,
  'host-local',
  twice('"ipam":{"dataDir":"DIR","subnet":"10.1.2.0/24"}', '"ipam":{"gateway":"10.1.2.7"}'),
  {},
);
compare(recoded, 'static', twice(`"ipam":{${A}}`, '"ipam":null'), {}, 999, 7);

// Two spellings of one key, at every level: the last one counts.
const spelled = (key: string, ...values: readonly string[]): string =>
  values.map((value, i) => `"${i % 2 === 0 ? key : key.toUpperCase()}":${value}`).join(',');
for (const address of [
  spelled('address', '"10.0.0.2/24"', '"10.9.9.9/24"'),
  spelled('address', '"10.0.0.2/24"', 'null'),
  `"address":"10.0.0.2/24",${spelled('gateway', '"10.0.0.1"', '"10.0.0.9"')}`,
  `"address":"10.0.0.2/24",${spelled('gateway', '"10.0.0.1"', 'null')}`,
  `"address":"10.0.0.2/24",${spelled('gateway', '"10.0.0.1"', '""')}`,
  `"address":"10.0.0.2/24",${spelled('gateway', '"10.0.0.1"', 'null', '"10.0.0.8"')}`,
]) {
  compare(same, 'static', conf('0.4.0', `"addresses":[{${address}}]`), {});
}
compare(
  same,
  'static',
  conf('0.4.0', spelled('addresses', '[{"address":"10.0.0.2/24"}]', '[]')),
  {},
);
compare(
  same,
  'static',
  conf('0.4.0', `${A},${spelled('dns', '{"domain":"a","search":["s"]}', '{"domain":"b"}')}`),
  {},
);
compare(
  same,
  'static',
  conf('0.4.0', `${A},"routes":[{${spelled('dst', '"10.8.0.0/16"', '"10.7.0.0/16"')}}]`),
  {},
);
compare(
  same,
  'static',
  `{"name":"n",${spelled('cniVersion', '"0.1.0"', '"0.4.0"')},"ipam":{${A}}}`,
  {},
);
for (const range of [
  spelled('subnet', '"10.1.2.0/24"', '"10.1.3.0/24"'),
  `"subnet":"10.1.2.0/24",${spelled('rangeStart', '"10.1.2.9"', '"10.1.2.19"')}`,
  `"subnet":"10.1.2.0/24",${spelled('gateway', '"10.1.2.9"', 'null', '"10.1.2.8"')}`,
]) {
  compare(same, 'host-local', conf('0.4.0', `"dataDir":"DIR","ranges":[[{${range}}]]`), {});
  compare(same, 'host-local', conf('0.4.0', `"dataDir":"DIR",${range}`), {});
}
// Which the reference's decoder takes for a field of its own.
for (const address of [
  '"Address":"10.0.0.2/24"',
  '"address":"10.0.0.2/24","Address":"10.9.9.9/24"',
]) {
  compare(
    `${address} is refused`,
    refused,
    'static',
    conf('0.4.0', `"addresses":[{${address}}]`),
    {},
  );
}
compare(
  same,
  'static',
  conf('0.4.0', '"addresses":[{"address":"10.0.0.2/24","Address":null}]'),
  {},
);

for (const [depth, how] of [
  [9998, 'is read'],
  [10_000, 'is too deep'],
] as const) {
  const nested = '['.repeat(depth) + ']'.repeat(depth);
  compare(
    `${depth} lists in each other: ${how}`,
    same,
    'static',
    conf('0.4.0', A, `,"x":${nested}`),
    {},
  );
  compare(
    `${depth} of them inside ipam: ${how}`,
    same,
    'static',
    conf('0.4.0', `${A},"x":${nested}`),
    {},
  );
}

// Checks of every command, with the reference's own words and codes.
for (const env of [
  { CNI_COMMAND: 'NOPE' },
  { CNI_CONTAINERID: '', CNI_NETNS: '', CNI_IFNAME: '', CNI_PATH: '' },
  { CNI_COMMAND: 'DEL', CNI_CONTAINERID: '', CNI_NETNS: '', CNI_IFNAME: '', CNI_PATH: '' },
  { CNI_CONTAINERID: 'a%' },
  { CNI_IFNAME: '1234567890123456' },
  { CNI_IFNAME: '..' },
  { CNI_IFNAME: 'a b' },
  { CNI_IFNAME: 'a/b' },
]) {
  compare(same, 'static', plain, env);
}
for (const stdin of [
  '',
  'x',
  '{"name":"n"}{',
  '{"name":"n",}',
  '{"name" "n"}',
  '[1 2]',
  '{"name":"\\x"}',
  '{"a":01}',
  'null',
  '{}',
  '{"name":"a b"}',
  '{"name":"n","cniVersion":"9.9.9"}',
]) {
  compare(same, 'static', stdin, {});
}
compare(same, 'static', conf('0.3.1', A), { CNI_COMMAND: 'CHECK' });
compare(same, 'static', conf('1.2.0', A), { CNI_COMMAND: 'CHECK' });
compare(same, 'static', conf('0.9.0', A), { CNI_COMMAND: 'CHECK' });
for (const prevResult of [
  '{}',
  '{"ips":[]}',
  '{"ips":[{"version":"4","address":"10.0.0.2/24","gateway":"10.0.0.1"}]}',
  '{"ips":[{"version":"4","address":"10.5.0.2/24"}]}',
  '{"ips":[{"version":"4","address":"10.0.0.2/24"}]}',
]) {
  compare(same, 'static', conf('0.4.0', A, `,"prevResult":${prevResult}`), {
    CNI_COMMAND: 'CHECK',
  });
}

// The same words under a code of the specification, where the reference says 999.
compare(recoded, 'static', '{"cniVersion":"0.4.0","name":"n"}', {}, 999, 7);
compare(recoded, 'static', conf('0.4.0', '"addresses":[{"address":"x"}]'), {}, 999, 7);
compare(recoded, 'static', conf('0.4.0', '"addresses":[{"address":"010.0.0.1/24"}]'), {}, 999, 7);
compare(
  recoded,
  'static',
  conf('0.4.0', '"addresses":[{"address":"10.0.0.1/24","gateway":"x"}]'),
  {},
  999,
  7,
);
compare(recoded, 'static', conf('0.4.0', '"routes":[{"dst":"x"}]'), {}, 999, 7);
compare(
  recoded,
  'static',
  conf('0.2.0', '"addresses":[{"address":"10.0.0.1/24"},{"address":"10.0.0.3/24"}]'),
  {},
  999,
  7,
);
compare(recoded, 'static', conf('0.2.0', '"addresses":[]'), {}, 999, 1);
for (const args of [
  'A=b',
  'IP',
  'IP=10.0.0.9/24;',
  'IP=x',
  'GATEWAY=x',
  'IgnoreUnknown=maybe',
  'a=b=c',
  'ip=1',
]) {
  compare(recoded, 'static', plain, { CNI_ARGS: args }, 999, 4);
}
for (const prevResult of ['{"cniVersion":"1.0.0"}', '{"cniVersion":""}']) {
  compare(
    recoded,
    'static',
    conf('0.4.0', A, `,"prevResult":${prevResult}`),
    { CNI_COMMAND: 'CHECK' },
    999,
    6,
  );
}
compare(recoded, 'host-local', conf('0.4.0', '"dataDir":"DIR"'), {}, 999, 7);
compare(
  recoded,
  'host-local',
  conf('0.4.0', '"dataDir":"DIR","subnet":"10.1.2.0/24"'),
  { CNI_ARGS: 'IP=x' },
  999,
  4,
);
compare(recoded, 'host-local', conf('0.4.0', '"dataDir":"DIR","subnet":"10.1.2.3/24"'), {}, 999, 7);
compare(
  recoded,
  'host-local',
  conf('0.4.0', '"dataDir":"DIR","subnet":"10.1.2.0/24","resolvConf":"/no/where"'),
  {},
  999,
  5,
);
