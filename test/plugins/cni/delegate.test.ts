/** Delegation runs real processes: shell scripts that answer as IPAM plugins do, well and badly. */
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parseNetworkConfig } from '../../../src/cni/config.ts';
import {
  delegate,
  delegateAdd,
  delegateEnv,
  findPlugin,
  readDelegatedResult,
  type Delegation,
} from '../../../src/cni/delegate.ts';
import { hasReference, REFERENCE } from '../../../scripts/reference.ts';

const NETCONF = '{ "name":"n",  "cniVersion":"0.4.0", "strange": 1.50, "ipam":{"type":"fake"} }';

interface Fake extends Delegation {
  readonly directory: string;
  readonly warnings: string[];
}

/** A directory with one plugin named `fake`, and an invocation that finds it. */
function fake(t: ExecutionContext, script: string, env: Record<string, string> = {}): Fake {
  const directory = mkdtempSync(join(tmpdir(), 'delegate-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'fake'), `#!/bin/sh\ncd ${directory}\n${script}\n`, {
    mode: 0o755,
  });
  const warnings: string[] = [];
  const stdin = new TextEncoder().encode(NETCONF);
  return {
    directory,
    warnings,
    env: {
      PATH: '/usr/bin:/bin',
      CNI_COMMAND: 'NOPE',
      CNI_IFNAME: 'eth0',
      CNI_PATH: directory,
      ...env,
    },
    path: `/nonexistent:${directory}`,
    stdin,
    config: parseNetworkConfig(stdin),
    warn: (line) => warnings.push(line),
  };
}

const ANSWER = `{"cniVersion":"0.4.0","ips":[{"version":"4","address":"10.1.2.3/24"}],"dns":{}}`;

test('delegate: ADD gives stdin byte for byte, the environment, and reads the result', (t) => {
  // The last three belong to those who trace calls.
  const others = { EXTRA: 'a b', TRACEPARENT: '00-4b-01', TRACESTATE: 'x=1', BAGGAGE: 'k=v' };
  const call = fake(t, `cat > stdin; env > env; echo '${ANSWER}'; echo note >&2`, others);
  t.deepEqual(delegateAdd('fake', call), { ips: [{ address: '10.1.2.3/24' }], dns: {} });
  t.is(readFileSync(join(call.directory, 'stdin'), 'utf8'), NETCONF);
  const env = readFileSync(join(call.directory, 'env'), 'utf8').split('\n');
  for (const [name, value] of Object.entries({
    CNI_COMMAND: 'ADD',
    CNI_IFNAME: 'eth0',
    ...others,
  }))
    t.true(env.includes(`${name}=${value}`), name);
  t.deepEqual(call.warnings, ['note']);
});

for (const command of ['DEL', 'CHECK', 'STATUS', 'GC'] as const) {
  test(`delegate: ${command} is run as such, and its stdout means nothing`, (t) => {
    const call = fake(t, 'echo $CNI_COMMAND > command; echo garbage');
    delegate(command, 'fake', call);
    t.is(readFileSync(join(call.directory, 'command'), 'utf8'), `${command}\n`);
  });
}

test('delegate: the environment is a copy with the command replaced, or added', (t) => {
  const env = { CNI_COMMAND: 'ADD', A: 'b', GONE: undefined };
  t.deepEqual(delegateEnv(env, 'DEL'), { CNI_COMMAND: 'DEL', A: 'b' });
  t.is(env.CNI_COMMAND, 'ADD');
  t.deepEqual(delegateEnv({ A: 'b' }, 'DEL'), { CNI_COMMAND: 'DEL', A: 'b' });
});

test('delegate: a failed ADD is followed by DEL, and the first error is the one reported', (t) => {
  const call = fake(
    t,
    `echo $CNI_COMMAND >> commands; echo '{"cniVersion":"1.0.0","code":11,"msg":"m '$CNI_COMMAND'","details":"d"}'; exit 1`,
  );
  const error = t.throws(() => delegateAdd('fake', call));
  t.like(error, { code: 11, msg: 'm ADD', details: 'd' });
  t.is(readFileSync(join(call.directory, 'commands'), 'utf8'), 'ADD\nDEL\n');
  t.deepEqual(call.warnings, ['fake: DEL after a failed ADD: m DEL; d']);
});

const fails = test.macro({
  exec(t, script: string, code: number, msg: string | RegExp) {
    const error = t.throws(() => delegate('DEL', 'fake', fake(t, script))) as Error & {
      code: number;
      msg: string;
    };
    t.is(error.code, code);
    if (typeof msg === 'string') t.is(error.msg, msg);
    else t.regex(error.msg, msg);
  },
  title: (given) => `delegate: ${given}`,
});

test(
  "the delegate's own error object is passed on",
  fails,
  `echo '{"code":1234,"msg":"x","extra":1}'; echo log >&2; exit 3`,
  1234,
  'x',
);
test(
  'an error object without a code is an internal error',
  fails,
  `echo '{"msg":"x"}'; exit 1`,
  999,
  'x',
);
test(
  'a code below zero makes no error object',
  fails,
  `echo '{"code":-5,"msg":"x"}'; exit 1`,
  999,
  /^netplugin failed but error parsing its diagnostic message "\{.*\}\\n": code: -5 is out of range, 0 to /,
);
test(
  'stdout that is no error object is quoted',
  fails,
  `echo nonsense; exit 1`,
  999,
  `netplugin failed but error parsing its diagnostic message "nonsense\\n": invalid character 'o' in literal null (expecting 'u'); line 1, column 2`,
);
test(
  'a result followed by an error is quoted too',
  fails,
  `echo '{}{}'; exit 1`,
  999,
  /^netplugin failed but error parsing its diagnostic message "\{\}\{\}\\n": invalid character '\{' after top-level value/,
);
test(
  'an error on stderr alone is quoted',
  fails,
  `echo trouble >&2; exit 2`,
  999,
  'netplugin failed: "trouble\\n": exit status 2',
);
test(
  'silence is reported with the exit status',
  fails,
  `exit 7`,
  999,
  'netplugin failed with no error message: exit status 7',
);
test(
  'death by a signal is reported',
  fails,
  `kill -9 $$`,
  999,
  'netplugin failed with no error message: signal: killed',
);
test(
  'words before death by a signal are quoted',
  fails,
  `echo trouble >&2; kill -TERM $$`,
  999,
  'netplugin failed: "trouble\\n": signal: terminated',
);
for (const empty of ['{"code":7,"msg":""}', '{"code":7}', '{"code":7,"msg":null}']) {
  test(
    `an error object without a message, ${empty}`,
    fails,
    `echo '${empty}'; exit 3`,
    7,
    'netplugin failed with no error message: exit status 3',
  );
  test(
    `an error object without a message, ${empty}, and words on stderr`,
    fails,
    `echo '${empty}'; echo trouble >&2; exit 3`,
    7,
    'netplugin failed: "trouble\\n": exit status 3',
  );
}

test('delegate: what cannot be started is an error', (t) => {
  const call = fake(t, '');
  chmodSync(join(call.directory, 'fake'), 0o644);
  t.like(
    t.throws(() => delegate('DEL', 'fake', call)),
    {
      code: 999,
      msg: `netplugin failed with no error message: exec ${join(call.directory, 'fake')}: permission denied`,
    },
  );
  t.throws(() => delegateAdd('fake', call), { message: /permission denied$/ });
});

test('delegate: one that hangs is killed', (t) => {
  const call = fake(t, 'exec sleep 60');
  const start = Date.now();
  t.throws(() => delegate('DEL', 'fake', call, { timeout: 200 }), {
    message: /did not finish DEL in 0.2 s/,
  });
  t.true(Date.now() - start < 20_000);
});

test('delegate: an executable that is just being written is tried again', (t) => {
  const call = fake(t, '');
  const file = join(call.directory, 'fake');
  // A script is not "busy"; a real program is.
  writeFileSync(file, readFileSync('/bin/true'));
  chmodSync(file, 0o755);
  const writer = openSync(file, 'r+');
  const error = t.throws(() => delegate('DEL', 'fake', call, { busyDelays: [1, 1] }));
  t.like(error, { code: 11, msg: `${file}: text file busy` });
  closeSync(writer);
  t.notThrows(() => delegate('DEL', 'fake', call));
});

test('delegate: garbage, nothing and a wrong shape are no results', (t) => {
  const script = (answer: string) =>
    `if [ $CNI_COMMAND = ADD ]; then printf '%s' '${answer}'; else touch deleted; fi`;
  for (const [answer, msg] of [
    ['', 'failed to unmarshal raw result: unexpected end of JSON input'],
    ['x', "failed to unmarshal raw result: invalid character 'x' looking for beginning of value"],
    ['[]', 'failed to unmarshal raw result: the document is not a JSON object'],
    ['{"cniVersion":"7.7.7"}', 'unsupported CNI result version "7.7.7"'],
    ['{"ips":[{"address":"bad"}]}', 'ips[0].address: invalid CIDR address: bad'],
  ] as const) {
    const call = fake(t, script(answer));
    t.like(
      t.throws(() => delegateAdd('fake', call)),
      { msg },
    );
    t.true(existsSync(join(call.directory, 'deleted')), 'DEL was not run');
  }
});

test("delegate: an answer without a version is read in the configuration's", (t) => {
  const read = (text: string, version: string) =>
    readDelegatedResult(new TextEncoder().encode(text), version);
  t.deepEqual(read('{"ips":[{"address":"1.2.3.4/24"}]}', '1.0.0').ips, [{ address: '1.2.3.4/24' }]);
  t.deepEqual(read('{"cniVersion":"","ip4":{"ip":"1.2.3.4/24"}}', '0.2.0').ips, [
    { address: '1.2.3.4/24' },
  ]);
  t.deepEqual(read('{"cniVersion":"0.1.0","ip4":{"ip":"1.2.3.4/24"}}', '1.1.0').ips, [
    { address: '1.2.3.4/24' },
  ]);
  t.deepEqual(read('{"ip4":{"ip":"1.2.3.4/24"}}', '0.1.0').ips, [{ address: '1.2.3.4/24' }]);
  t.deepEqual(read('null', '1.1.0'), {});
});

test('lookup: the first directory with a regular file of the name wins', (t) => {
  const { directory } = fake(t, '');
  const second = join(directory, 'second');
  mkdirSync(second);
  mkdirSync(join(directory, 'other'));
  writeFileSync(join(second, 'other'), '', { mode: 0o644 });
  symlinkSync(join(second, 'other'), join(second, 'linked'));
  t.is(findPlugin('fake', `${second}:${directory}`), join(directory, 'fake'));
  t.is(findPlugin('other', `${directory}:${second}`), join(second, 'other'));
  t.is(findPlugin('linked', second), join(second, 'linked'));
});

const unfound = test.macro({
  exec(t, type: string, path: string, code: number, msg: string) {
    t.like(
      t.throws(() => findPlugin(type, path)),
      { code, msg },
    );
  },
  title: (_given, type: string, path: string) =>
    `lookup: ${JSON.stringify(type)} in ${JSON.stringify(path)} fails`,
});

test(unfound, '', '/a', 7, 'no plugin name provided');
test(unfound, 'a', '', 4, 'no paths provided');
test(unfound, '../a', '/a', 7, 'invalid plugin name: ../a');
test(unfound, 'bridge', '/a', 7, '"bridge" is no IPAM plugin');
test(unfound, 'macvlan', '/a', 7, '"macvlan" is no IPAM plugin');
test(unfound, 'nope', '/a:/b', 7, 'failed to find plugin "nope" in path [/a /b]');

test.runIf(hasReference())(
  "delegate: the reference's static serves ADD, CHECK and DEL, and its error comes through",
  (t) => {
    const call = (cniVersion: string, address: string, more = ''): Delegation => {
      const ipam = `{"type":"static","addresses":[{"address":"${address}"}]}`;
      const stdin = new TextEncoder().encode(
        `{"name":"n","cniVersion":"${cniVersion}","ipam":${ipam}${more}}`,
      );
      const env = {
        CNI_CONTAINERID: 'c',
        CNI_NETNS: '/no/where',
        CNI_IFNAME: 'eth0',
        CNI_PATH: REFERENCE,
      };
      return {
        env,
        path: REFERENCE,
        stdin,
        config: parseNetworkConfig(stdin),
        warn: (line) => t.fail(line),
      };
    };
    for (const version of ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0']) {
      const { ips } = delegateAdd('static', call(version, '10.1.2.3/24'));
      t.deepEqual(ips, [{ address: '10.1.2.3/24' }], version);
    }
    const prevResult = ',"prevResult":{"ips":[{"version":"4","address":"10.1.2.3/24"}]}';
    t.notThrows(() => delegate('CHECK', 'static', call('0.4.0', '10.1.2.3/24', prevResult)));
    t.notThrows(() => delegate('DEL', 'static', call('0.4.0', '10.1.2.3/24')));
    t.like(
      t.throws(() => delegateAdd('static', call('0.4.0', 'bad'))),
      {
        code: 999,
        msg: "the 'address' field is expected to be in CIDR notation, got: 'bad'",
      },
    );
  },
);

test('delegation: a name that is nearly that of a plugin is asked about', (t) => {
  for (const [type, details] of [
    ['hostlocal', 'did you mean "host-local"?'],
    ['Static', 'did you mean "static"?'],
    ['weaver-net', ''],
  ] as const) {
    t.like(
      t.throws(() => findPlugin(type, '/nowhere')),
      { code: 7, details },
    );
  }
});
