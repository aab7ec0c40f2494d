import test, { type ExecutionContext } from 'ava';
import { CniError } from '../../../src/cni/errors.ts';
import { runPlugin, type Invocation, type Plugin } from '../../../src/cni/skel.ts';
import { VERSION } from '../../../src/version.ts';

const STDIN = '{ "name":"skel-test", "some": "config", "cniVersion": "9.8.7" }';
const ENV: Readonly<Record<string, string>> = {
  CNI_COMMAND: 'ADD',
  CNI_CONTAINERID: 'some-container-id',
  CNI_NETNS: '/some/netns/path',
  CNI_IFNAME: 'eth0',
  CNI_ARGS: 'some;extra;args',
  CNI_PATH: '/some/cni/path',
};
const COMMANDS = ['ADD', 'DEL', 'CHECK', 'STATUS', 'GC'] as const;
const SUPPORTED = ['9.8.7', '0.1.0'];

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: readonly (readonly [command: string, invocation: Invocation])[];
  readonly error: { code?: number; msg?: string; details?: string };
}

interface Setting {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | (() => Uint8Array);
  readonly own?: (path: string) => boolean;
  readonly plugin?: Partial<Plugin>;
  readonly stdout?: (text: string) => void;
  readonly args?: readonly string[];
}

/** Runs a plugin that has all commands, and that only notes that it was called. */
function run({ env = {}, stdin = STDIN, own = () => false, plugin = {}, ...io }: Setting): Ran {
  const calls: [string, Invocation][] = [];
  let stdout = '';
  let stderr = '';
  const note = (command: string) => (invocation: Invocation) =>
    void calls.push([command, invocation]);
  const code = runPlugin(
    {
      name: 'test',
      supported: SUPPORTED,
      add: note('ADD'),
      del: note('DEL'),
      check: note('CHECK'),
      status: note('STATUS'),
      gc: note('GC'),
      ...plugin,
    },
    {
      env: { ...ENV, ...env },
      args: io.args ?? [],
      readStdin: typeof stdin === 'string' ? () => new TextEncoder().encode(stdin) : stdin,
      writeStdout: io.stdout ?? ((text) => void (stdout += text)),
      writeStderr: (text) => void (stderr += text),
      isOwnNetns: own,
    },
  ) as number;
  const error = code === 0 || stdout === '' ? {} : (JSON.parse(stdout) as Ran['error']);
  return { code, stdout, stderr, calls, error };
}

function refuses(
  t: ExecutionContext,
  setting: Setting,
  code: number,
  msg: string | RegExp,
  details?: string,
): void {
  const { calls, error, ...ran } = run(setting);
  t.is(ran.code, 1);
  t.is(calls.length, 0, 'the command was called');
  t.is(error.code, code);
  if (typeof msg === 'string') t.is(error.msg, msg);
  else t.regex(error.msg ?? '', msg);
  t.is(error.details, details);
}

for (const command of COMMANDS) {
  test(`skel: ${command} is called once, with everything as it came`, (t) => {
    const { code, calls, stdout } = run({ env: { CNI_COMMAND: command } });
    t.is(code, 0);
    t.is(stdout, '');
    t.deepEqual(
      calls.map(([called]) => called),
      [command],
    );
    const [, invocation] = calls[0]!;
    t.like(invocation, {
      command,
      containerId: 'some-container-id',
      netns: '/some/netns/path',
      ifname: 'eth0',
      args: 'some;extra;args',
      path: '/some/cni/path',
    });
    t.is(new TextDecoder().decode(invocation.stdin), STDIN);
    t.is(invocation.config.name, 'skel-test');
    t.is(invocation.config.cniVersion, '9.8.7');
  });

  test(`skel: ${command} without a handler succeeds silently`, (t) => {
    const key = command.toLowerCase() as 'add';
    const { [key]: _left, ...others } = {
      add: () => {},
      del: () => {},
      check: () => {},
      status: () => {},
      gc: () => {},
    };
    const stdin = '{"name":"n","cniVersion":"1.1.0"}';
    let output = '';
    const code = runPlugin(
      { name: 'test', ...others },
      {
        env: { ...ENV, CNI_COMMAND: command },
        readStdin: () => new TextEncoder().encode(stdin),
        writeStdout: (text) => void (output += text),
        writeStderr: (text) => void (output += text),
        isOwnNetns: () => false,
      },
    ) as number;
    t.is(code, 0);
    t.is(output, '');
  });
}

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  ADD: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'],
  CHECK: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'],
  DEL: ['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_PATH'],
  GC: ['CNI_PATH'],
  STATUS: ['CNI_PATH'],
};

for (const command of COMMANDS) {
  test(`skel: ${command} names all missing variables in one message, in fixed order`, (t) => {
    const env = {
      CNI_COMMAND: command,
      CNI_CONTAINERID: '',
      CNI_NETNS: undefined,
      CNI_IFNAME: '',
      CNI_PATH: undefined,
    };
    const names = REQUIRED[command]!.join(',');
    refuses(t, { env }, 4, `required env variables [${names}] missing`);
  });
  test(`skel: ${command} requires no other variable`, (t) => {
    for (const name of ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_ARGS', 'CNI_PATH']) {
      const ran = run({ env: { CNI_COMMAND: command, [name]: '' } });
      const required = REQUIRED[command]!.includes(name);
      t.is(ran.code, required ? 1 : 0, name);
      if (required) t.is(ran.error.msg, `required env variables [${name}] missing`);
    }
  });
}

test('skel: a bad container id is reported even when later variables are missing', (t) => {
  refuses(
    t,
    { env: { CNI_CONTAINERID: 'some-%%container-id', CNI_PATH: '' } },
    4,
    'invalid characters in containerID',
    'some-%%container-id',
  );
});

test('skel: GC and STATUS do not look at the container id and the interface name', (t) => {
  for (const command of ['GC', 'STATUS']) {
    t.is(run({ env: { CNI_COMMAND: command, CNI_CONTAINERID: '%', CNI_IFNAME: 'a b' } }).code, 0);
  }
});

for (const [name, msg, details] of [
  [
    '1234567890123456',
    'interface name is too long',
    'interface name should be less than 16 characters',
  ],
  ['.', 'interface name is . or ..', undefined],
  ['..', 'interface name is . or ..', undefined],
  ['test/test', 'interface name contains / or : or whitespace characters', undefined],
  ['test:test', 'interface name contains / or : or whitespace characters', undefined],
  ['test test', 'interface name contains / or : or whitespace characters', undefined],
] as const) {
  test(`skel: the interface name ${JSON.stringify(name)} is refused before anything is done`, (t) => {
    refuses(t, { env: { CNI_IFNAME: name } }, 4, msg, details);
  });
}

test('skel: a configuration without version is 0.1.0, for a plugin that speaks it', (t) => {
  const stdin = '{"name":"skel-test","some":"config"}';
  t.is(run({ stdin }).calls.length, 1);
  refuses(
    t,
    { stdin, plugin: { supported: ['4.3.2'] } },
    1,
    'incompatible CNI versions',
    'config is "0.1.0", plugin supports ["4.3.2"]',
  );
});

for (const [command, minimum, older] of [
  ['CHECK', '0.4.0', '0.3.0'],
  ['GC', '1.1.0', '1.0.0'],
  ['STATUS', '1.1.0', '1.0.0'],
] as const) {
  const env = { CNI_COMMAND: command };
  const config = (version: string, name = 'n'): string =>
    JSON.stringify({ name, cniVersion: version });
  test(`skel: ${command} is refused where a version does not have it`, (t) => {
    refuses(t, { env, stdin: config(older) }, 1, `config version does not allow ${command}`);
    refuses(
      t,
      { env, stdin: config(minimum), plugin: { supported: [older] } },
      1,
      `plugin version does not allow ${command}`,
    );
    refuses(
      t,
      { env, stdin: config('adsfsadf') },
      6,
      /^failed to convert major version part "adsfsadf"/,
    );
    refuses(
      t,
      { env, stdin: config(minimum), plugin: { supported: ['adsfasdf'] } },
      6,
      /^failed to convert major version part "adsfasdf"/,
    );
    refuses(
      t,
      { env, stdin: config(minimum, 'te%%st') },
      7,
      'invalid characters found in network name',
      'te%%st',
    );
  });
}

test('skel: VERSION prints the versions, runs nothing, and reads no stdin', (t) => {
  const ran = run({
    env: {
      CNI_COMMAND: 'VERSION',
      CNI_CONTAINERID: '',
      CNI_NETNS: 'dummy',
      CNI_IFNAME: 'dummy',
      CNI_PATH: undefined,
    },
    stdin: () => t.fail() as never,
  });
  t.is(ran.code, 0);
  t.is(ran.stdout, '{"cniVersion":"1.1.0","supportedVersions":["9.8.7","0.1.0"]}\n');
  t.is(ran.calls.length, 0);
});

test('skel: VERSION that cannot be written is an I/O failure', (t) => {
  let written = '';
  const stdout = (text: string): void => {
    if (written === '' && text.startsWith('{"cniVersion"')) throw new Error('EPIPE');
    written += text;
  };
  const { code } = run({ env: { CNI_COMMAND: 'VERSION' }, stdout });
  t.is(code, 1);
  t.like(JSON.parse(written), { code: 5, msg: 'error writing to stdout: EPIPE' });
});

test('skel: an unknown command is refused, after the configuration was read', (t) => {
  const env = { CNI_COMMAND: 'NOPE', CNI_PATH: '' };
  refuses(t, { env }, 4, 'unknown CNI_COMMAND: NOPE');
  refuses(t, { env: { CNI_COMMAND: 'constructor' } }, 4, 'unknown CNI_COMMAND: constructor');
  refuses(t, { env: { CNI_COMMAND: 'add' } }, 4, 'unknown CNI_COMMAND: add');
  refuses(t, { env, stdin: '{}' }, 7, 'missing network name');
  refuses(t, { env, stdin: 'x' }, 6, /^error unmarshall network config: /, 'line 1, column 1');
});

for (const command of ['', undefined]) {
  test(`skel: without a command (${JSON.stringify(command)}) it says what it is, on stderr`, (t) => {
    const { code, stdout, stderr, calls } = run({
      env: { CNI_COMMAND: command },
      stdin: () => t.fail() as never,
    });
    t.is(code, 0);
    t.is(stdout, '');
    t.is(stderr, `CNI test plugin v${VERSION}\nCNI protocol versions supported: 9.8.7, 0.1.0\n`);
    t.is(calls.length, 0);
  });
}

test('skel: --version and -v print the same on stdout, without a command', (t) => {
  for (const word of ['--version', '-v']) {
    const { code, stdout, stderr } = run({ env: { CNI_COMMAND: '' }, args: [word] });
    t.is(code, 0);
    t.is(stdout, `CNI test plugin v${VERSION}\nCNI protocol versions supported: 9.8.7, 0.1.0\n`);
    t.is(stderr, '');
    t.is(run({ args: [word] }).calls.length, 1, 'a runtime means what CNI_COMMAND says');
  }
});

test('skel: stdin that cannot be read is an I/O failure', (t) => {
  const stdin = (): never => {
    throw new Error('banana');
  };
  refuses(t, { stdin }, 5, 'error reading from stdin: banana');
});

test('skel: what a command throws is reported, a CNI error unchanged', (t) => {
  const failing = (error: Error): Partial<Plugin> => ({
    add: () => {
      throw error;
    },
  });
  t.deepEqual(run({ plugin: failing(new CniError(1234, 'insert code here', 'd')) }).error, {
    cniVersion: '9.8.7',
    code: 1234,
    msg: 'insert code here',
    details: 'd',
  } as Ran['error']);
  t.like(run({ plugin: failing(new Error('potato')) }).error, { code: 999, msg: 'potato' });
});

test('skel: the result is printed in the version of the configuration, without a newline', (t) => {
  const plugin: Partial<Plugin> = {
    add: ({ print }) => print({ ips: [{ address: '10.0.0.2/24' }] }),
  };
  const { code, stdout } = run({ plugin, stdin: '{"name":"n"}' });
  t.is(code, 0);
  t.is(
    stdout,
    '{\n    "cniVersion": "0.1.0",\n    "ip4": {\n        "ip": "10.0.0.2/24"\n    },\n    "dns": {}\n}',
  );
});

test('skel: a result that cannot be written throws inside the command, which can still undo its work', (t) => {
  let undone = false;
  const stdout = (): never => {
    throw new Error('EPIPE');
  };
  const plugin: Partial<Plugin> = {
    add({ print }) {
      try {
        print({ ips: [{ address: '10.0.0.2/24' }] });
      } catch (error) {
        undone = true;
        throw error;
      }
    },
  };
  const { code, stderr } = run({ plugin, stdout, stdin: '{"name":"n"}' });
  t.is(code, 1);
  t.true(undone);
  t.is(stderr, 'error writing to stdout: EPIPE\n');
});

for (const command of ['ADD', 'DEL']) {
  const env = { CNI_COMMAND: command };
  const own = (path: string): boolean => path === '/some/netns/path';
  test(`skel: ${command} on the plugin's own namespace is refused before it starts`, (t) => {
    refuses(t, { env, own }, 8, "plugin's netns and netns from CNI_NETNS should not be the same");
  });
  test(`skel: ${command} is refused when our own namespace cannot be looked at`, (t) => {
    const broken = (): never => {
      throw new Error('no /proc');
    };
    refuses(t, { env, own: broken }, 8, "get plugin's netns failed", 'Error: no /proc');
  });
  test(`skel: ${command} on the own namespace is allowed by CNI_NETNS_OVERRIDE`, (t) => {
    for (const value of ['1', 'true', 'TRUE', 'tRue']) {
      t.is(run({ env: { ...env, CNI_NETNS_OVERRIDE: value }, own }).calls.length, 1, value);
    }
    for (const value of ['', '0', 'yes', ' true']) {
      t.is(run({ env: { ...env, CNI_NETNS_OVERRIDE: value }, own }).calls.length, 0, value);
    }
  });
}

test('skel: other commands may be asked about the own namespace', (t) => {
  for (const command of ['CHECK', 'STATUS', 'GC']) {
    t.is(run({ env: { CNI_COMMAND: command }, own: () => true }).calls.length, 1);
  }
});

test('skel: a command may take more than one turn, and what it is rejected with is its error', async (t) => {
  let output = '';
  const code = (del: () => Promise<void>): number | Promise<number> =>
    runPlugin(
      { name: 'test', del },
      {
        env: { ...ENV, CNI_COMMAND: 'DEL' },
        readStdin: () => new TextEncoder().encode('{"name":"n","cniVersion":"1.1.0"}'),
        writeStdout: (text) => void (output += text),
        writeStderr: () => {},
        isOwnNetns: () => false,
      },
    );
  t.is(await code(() => Promise.resolve()), 0);
  t.is(output, '');
  t.is(await code(() => Promise.reject(new CniError(7, 'wrong'))), 1);
  t.like(JSON.parse(output), { code: 7, msg: 'wrong' });
});

test('skel: a line of warning is as long as a log bears', (t) => {
  const plugin: Partial<Plugin> = { add: ({ warn }) => warn('x'.repeat(1 << 20)) };
  t.true(run({ plugin }).stderr.length < 5000);
});

test('skel: a complete list is refused where one of its plugins is meant, except by DEL', (t) => {
  const list = '{"cniVersion":"1.1.0","name":"n","plugins":[{"type":"bridge"}]}';
  const plugin = { supported: ['1.1.0'] };
  for (const stdin of [list, list.replace('plugins', 'Plugins')]) {
    for (const command of ['ADD', 'CHECK', 'STATUS', 'GC']) {
      refuses(
        t,
        { env: { CNI_COMMAND: command }, stdin, plugin },
        7,
        'the network configuration is a list of plugins',
        'a plugin gets one object of "plugins", with name and cniVersion of the list',
      );
    }
    t.is(run({ env: { CNI_COMMAND: 'DEL' }, stdin, plugin }).calls.length, 1);
  }
  // A key of somebody else's plugin.
  t.is(run({ stdin: list.replace('"name"', '"type":"x","name"'), plugin }).calls.length, 1);
});

test('skel: what fails after the result is reported on stderr, and ADD has succeeded', (t) => {
  const plugin: Partial<Plugin> = {
    add({ print }) {
      print({ ips: [{ address: '10.0.0.2/24' }] });
      throw new Error('EIO: input/output error, close');
    },
  };
  const { code, stdout, stderr } = run({ plugin, stdin: '{"name":"n"}' });
  t.is(code, 0);
  t.like(JSON.parse(stdout), { ip4: { ip: '10.0.0.2/24' } });
  t.is(stderr, 'after the result: EIO: input/output error, close\n');
});
