/**
 * The packed tarball in an empty folder, used as its users will: import, require, TypeScript, Node,
 * Bun, and the codec in a browser.
 */
import { execFile } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import ts from 'typescript';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { buildLibrary } from '../scripts/build-library.ts';
import { packLibrary } from '../scripts/release/npm.ts';
import { VERSION } from '../src/version.ts';
import { EXPORTING } from './harness/exporting.ts';
import { errorsByLine, errorsOf, hovers } from './harness/hover.ts';
import { oldestNode, oldestVersion } from './harness/oldest-node.ts';
import { MISTAKEN, MISTAKES, UNREADABLE } from './harness/mistakes.ts';
import { namedInChangelog, PAGES, samplesOf } from './harness/samples.ts';

const ROOT = resolve(import.meta.dirname, '..');
const MODULES = join(ROOT, 'node_modules');
/** Those of package.json, and what a TypeScript user has. */
const PACKAGES = [
  'buffer-layout',
  '@sinclair/typebox',
  'koffi',
  'yaml',
  '@types/node',
  'undici-types',
];

const execute = promisify(execFile);

/** Waits for a program, so that AVA hears of each test before the next one begins. */
async function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  try {
    const limits = { timeout: 240_000, killSignal: 'SIGKILL' } as const;
    return (await execute(command, args, { cwd, ...limits })).stdout;
  } catch (error) {
    const { stdout, stderr, signal } = error as Record<'stdout' | 'stderr' | 'signal', string>;
    throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}${signal ?? ''}`);
  }
}

// Made by the first hook, which does not run where no test of this file is chosen.
let folder = '';
const put = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

test.before('the tarball is unpacked, and what it depends on is there', async (t) => {
  // The first time, the library is built and the oldest Node fetched.
  t.timeout(600_000);
  folder = mkdtempSync(join(tmpdir(), 'package-'));
  oldestNode();
  buildLibrary();
  packLibrary(folder);
  const home = join(folder, 'node_modules/netlink-ts');
  mkdirSync(home, { recursive: true });
  await run(home, 'tar', '-xzf', join(folder, `netlink-ts-${VERSION}.tgz`), '--strip-components=1');
  for (const name of PACKAGES) {
    const path = join(folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(MODULES, name), path);
  }
});

test.after.always(() => {
  if (folder !== '') rmSync(folder, { recursive: true });
});

test('package: programs print the version of package.json', (t) => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
  };
  t.is(VERSION, version);
});

interface Resolved {
  readonly resolutionKind?: string;
}

interface SourceMap {
  readonly sources: readonly string[];
}

const SUBPATHS = [
  '',
  '/netlink',
  '/rtnl',
  '/ipam',
  '/cni',
  '/codec',
  '/nftables',
  '/genl',
  '/diag',
  '/conntrack',
  '/wireguard',
  '/ethtool',
  '/devlink',
  '/tc',
  '/xfrm',
  '/nflog',
  '/nfqueue',
  '/uevent',
  '/ynl',
];
const NAMES = SUBPATHS.map((subpath) => `netlink-ts${subpath}`);

/**
 * `netlink` and the others are the modules. The namespace file goes through the binding to the C
 * library.
 */
const USE = `
const [netlink, engine, rtnl, ipam, cni, codec, nftables, genl, diag, conntrack, wireguard, ethtool, devlink, tc, xfrm, nflog, nfqueue, uevent, ynl] = modules;
netlink.openNamespace('/proc/self/ns/net').close();
const request = { type: 'RTM_GETLINK', flags: [], seq: 1, pid: 0, payload: { attrs: { ifname: 'eth0' } } };
const bytes = codec.encode(codec.rtnetlink, request);
const say = [netlink.open, engine.connect, rtnl.addLink, ipam.hostLocal, cni.runPlugin, nftables.openNftables, genl.openGenl, diag.openDiag, conntrack.openConntrack, wireguard.openWireguard, ethtool.openEthtool, devlink.openDevlink, tc.openTc, xfrm.openXfrm, nflog.openNflog, nfqueue.openNfqueue, uevent.monitorUevents, ynl.ynl];
if (!say.every((each) => typeof each === 'function')) throw new Error('not exported');
try {
  rtnl.open().links.get('nowhere');
} catch (error) {
  if (![netlink, engine].every((each) => error instanceof each.NetlinkError)) throw error;
}
rtnl.linkKinds.register('mine', engine.attrs({ id: engine.attr('IFLA_MINE_ID', 1, engine.u32) }));
const mine = { ...request, payload: { attrs: { linkinfo: { kind: 'mine', data: { id: 7 } } } } };
const [{ payload }] = engine.decode(netlink.open().protocol, engine.encode(rtnl.rtnetlink, mine));
if (payload.attrs.linkinfo.data.id !== 7) throw new Error('another registry of kinds');
console.log(codec.decode(codec.rtnetlink, bytes)[0].payload.attrs.ifname);
`;
const PROGRAMS = {
  'use.mjs': `const modules = await Promise.all(${JSON.stringify(NAMES)}.map((name) => import(name)));${USE}`,
  // What is required is what is imported, each class and each registry.
  'use.cjs': `
const names = ${JSON.stringify(NAMES)};
const modules = names.map((name) => require(name));
${USE}
Promise.all(names.map((name) => import(name))).then((imported) => {
  for (const [i, name] of names.entries()) {
    for (const [key, value] of Object.entries(imported[i])) {
      if (modules[i][key] !== value) throw new Error(name + ' has two ' + key);
    }
  }
  try {
    netlink.open({ netns: '/nowhere' });
  } catch (error) {
    console.log(error instanceof imported[0].NetlinkError);
  }
});
`,
};
const SAID: Readonly<Record<string, string>> = { 'use.mjs': 'eth0\n', 'use.cjs': 'eth0\ntrue\n' };
const RUNTIMES: Readonly<Record<string, () => string>> = {
  [`Node ${oldestVersion()}`]: oldestNode,
  Node: () => join(MODULES, '.bin/node'),
  Bun: () => join(MODULES, '.bin/bun'),
};

for (const [name, text] of Object.entries(PROGRAMS)) {
  for (const [runtime, program] of Object.entries(RUNTIMES)) {
    test.serial(`package: every subpath works in ${name} on ${runtime}`, async (t) => {
      const limits = { cwd: folder, timeout: 240_000, killSignal: 'SIGKILL' } as const;
      const { stdout, stderr } = await execute(program(), [put(name, text)], limits);
      t.is(stdout, SAID[name]!);
      t.is(stderr, '');
    });
  }
}

test.serial(`package: the command works on Node ${oldestVersion()}`, async (t) => {
  const command = join(folder, 'node_modules/netlink-ts/dist/cli.js');
  t.is(await run(folder, oldestNode(), command, '--version'), `netlink-ts ${VERSION}\n`);
});

const TYPED = `
import { open, type LinkObject, NetlinkError } from 'netlink-ts';
import { addTable, openNftables } from 'netlink-ts/nftables';
import { main, type Plugin } from 'netlink-ts/cni';
import { attr, attrs, struct, u8, u32 } from 'netlink-ts/netlink';
using rt = open({ netns: 'blue' });
const names: string[] = rt.links.list().map((link: LinkObject) => link.ifname ?? '');
rt.links.add({ ifname: 'br0', kind: 'bridge', data: { vlanFiltering: true }, flags: ['up'] });
// @ts-expect-error There is no such flag.
rt.links.add({ ifname: 'br0', kind: 'bridge', flags: ['upwards'] });
export const plugin: Plugin = { name: 'mine', add: ({ print }) => print({}) };
export const thing = struct('thing', { family: u8, index: u32 });
export const set = attrs({ name: attr('THING_NAME', 1, u32) });
void [names, main, addTable, openNftables, NetlinkError];
`;
const TYPE_SETTINGS = {
  strict: true,
  target: 'esnext',
  types: ['node'],
  noEmit: true,
  declaration: true,
  skipLibCheck: true,
};
/** Our declarations are checked too: imported, and required. */
const WHOLE = { skipLibCheck: false };
const RESOLUTIONS = {
  node16: { module: 'node16' },
  nodenext: { module: 'nodenext', ...WHOLE },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};

function typeCheck(name: string, options: object, files: readonly string[]): Promise<string> {
  const settings = { compilerOptions: { ...TYPE_SETTINGS, ...options }, files };
  const project = put(`tsconfig.${name}.json`, JSON.stringify(settings));
  return run(folder, process.execPath, join(MODULES, 'typescript/bin/tsc'), '-p', project);
}

test.serial(
  'package: the types hold where it is required, strict, with the least lib',
  async (t) => {
    put('typed.cts', TYPED);
    const least = { target: 'es2022', lib: ['es2022', 'esnext.disposable', 'dom'], types: [] };
    t.is(await typeCheck('cts', { ...RESOLUTIONS.nodenext, ...least }, ['typed.cts']), '');
  },
);

const SAMPLES = PAGES.flatMap(samplesOf);
const PROGRAMS_OF_PAGES = [
  ...SAMPLES,
  ...[...namedInChangelog()].map(([subpath, text]) => ({ name: `named-${subpath}`, text })),
  { name: 'typed', text: TYPED },
];

for (const [name, resolution] of Object.entries(RESOLUTIONS)) {
  test.serial(`package: samples and names of the pages hold, strict, ${name}`, async (t) => {
    for (const program of PROGRAMS_OF_PAGES) put(`${program.name}.mts`, program.text);
    const files = PROGRAMS_OF_PAGES.map((program) => `${program.name}.mts`);
    t.is(await typeCheck(name, resolution, files), '');
  });
}

for (const [name, text] of Object.entries(EXPORTING)) {
  test.serial(`package: a program exports what it got, ${name}`, async (t) => {
    put(`exporting-${name}.mts`, text);
    t.is(await typeCheck(`exporting-${name}`, RESOLUTIONS.node16, [`exporting-${name}.mts`]), '');
  });
}

for (const { name, text } of SAMPLES.filter(({ needsRoot }) => !needsRoot)) {
  test.serial(`package: the sample ${name} runs`, async (t) => {
    // Command and name are for the CNI plugin; they mean nothing to the others.
    const program = put(`run-${name}.mts`, text);
    await t.notThrowsAsync(
      run(folder, 'env', 'CNI_COMMAND=VERSION', process.execPath, program, 'mine'),
    );
  });
}

/** Each question is an attribute: its documentation and its kernel name are shown. */
const HOVERED = `
import { open } from 'netlink-ts';
const rt = open();
rt.routes.add({ dst: '198.51.100.0/24', /*?*/ gateway: '192.0.2.1', /*?*/ priority: 5, /*?*/ prefsrc: '192.0.2.2', /*?*/ metrics: { /*?*/ mtu: 1400, /*?*/ initrwnd: 10 } });
rt.routes.add({ dst: 'default', /*?*/ metric: 5, dev: 'eth0' });
rt.links.add({ /*?*/ ifname: 'br0', /*?*/ address: '02:00:00:00:00:01', /*?*/ txqlen: 5, /*?*/ ifalias: 'x', kind: 'bridge', data: { /*?*/ vlanFiltering: true, /*?*/ forwardDelay: 5, /*?*/ mcastSnooping: false } });
rt.addrs.add({ dev: 'br0', local: '192.0.2.1/24', /*?*/ label: 'br0:1', /*?*/ rtPriority: 4 });
rt.neighs.add({ dev: 'br0', /*?*/ dst: '192.0.2.9', /*?*/ lladdr: '02:00:00:00:00:02' });
rt.rules.add({ /*?*/ priority: 5, /*?*/ fwmark: 1, table: 'main' });
const { /*?*/ operstate } = rt.links.get('lo');
const { /*?*/ cstamp } = rt.addrs.list()[0]!.cacheinfo!;
rt.links.set('lo', { afSpec: { inet: { conf: { /*?*/ igmpv2UnsolicitedReportInterval: 5 } } } });
for (const route of rt.routes.list()) console.log(route./*?*/ oif);
for (const { vni } of rt.neighs.dump().filter((each) => each.lladdr !== undefined).take(3).toArray()) console.log(vni);
export { operstate, cstamp };
`;

const EDITOR = {
  strict: true,
  target: ts.ScriptTarget.ES2025,
  module: ts.ModuleKind.NodeNext,
  types: ['node'],
  noEmit: true,
};

test.serial('package: an editor shows what an attribute is, and its name in the kernel', (t) => {
  const file = join(folder, 'hovered.mts');
  t.deepEqual(errorsOf(file, HOVERED, EDITOR), []);
  const shown = hovers(file, HOVERED, EDITOR);
  t.true(shown.length >= 20);
  for (const [name, text] of shown.filter(([, text]) => !/`(priority`|struct )/.test(text))) {
    t.regex(text, /^\S.+\. `(RTA|RTAX|IFLA|IFLA_BR|IFA|NDA|FRA)_[A-Z0-9_]+`/, name);
  }
  const texts = new Map(shown);
  t.is(texts.get('vlanFiltering'), 'Restrict ports to their own VLANs. `IFLA_BR_VLAN_FILTERING`');
  t.is(texts.get('gateway'), 'Next router. `RTA_GATEWAY`');
  t.regex(texts.get('metric')!, /`priority`/);
  t.is(texts.get('cstamp'), 'In 1/100 s. `struct ifa_cacheinfo`');
  t.is(texts.get('igmpv2UnsolicitedReportInterval'), 'In ms. `struct ipv4_devconf`');
  t.regex(texts.get('forwardDelay')!, /in 1\/100 s\. /);
});

test.serial('package: what the compiler says of a mistake names a type that can be read', (t) => {
  const said = errorsByLine(join(folder, 'mistaken.mts'), MISTAKEN, EDITOR);
  for (const [mistake, type] of Object.entries(MISTAKES)) {
    t.regex(
      said.get(mistake) ?? '',
      type === '' ? /^Type '.+' is not/ : RegExp(`\\b${type}\\b`),
      mistake,
    );
    t.notRegex(said.get(mistake)!, UNREADABLE, mistake);
  }
  t.is(said.size, Object.keys(MISTAKES).length);
});

/** Sets that have the same keys. */
const ALIKE = `
import type { BridgeLinkAfSpecMst, MdbMdb, NexthopGroupStats, VrfData, VrfSlaveData } from 'netlink-ts/rtnl';
const [mst, mdb, group, vrf, port] = [] as unknown as [BridgeLinkAfSpecMst, MdbMdb, NexthopGroupStats, VrfData, VrfSlaveData];
void [mst./*?*/ entry, mdb./*?*/ entry, group./*?*/ entry, vrf./*?*/ table, port./*?*/ table];
`;

test.serial('package: sets that have the same keys are distinguished', (t) => {
  const shown = hovers(join(folder, 'alike.mts'), ALIKE, EDITOR).map(
    ([, text]) => /`\w+`/.exec(text)?.[0],
  );
  t.deepEqual(shown, [
    '`IFLA_BRIDGE_MST_ENTRY`',
    '`MDBA_MDB_ENTRY`',
    '`NHA_GROUP_STATS_ENTRY`',
    '`IFLA_VRF_TABLE`',
    '`IFLA_VRF_PORT_TABLE`',
  ]);
});

const firstSample = (): string =>
  /(?<=```ts\n)[^]*?(?=```)/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))![0];

test.serial(
  'package: the first sample of the README compiles with the default settings',
  async (t) => {
    const file = put('first.ts', firstSample());
    t.is(
      await run(folder, process.execPath, join(MODULES, 'typescript/bin/tsc'), '--noEmit', file),
      '',
    );
  },
);

test.serial(
  'package: programs that hold the library, made by esbuild, ES module and CommonJS',
  async (t) => {
    const entry = put(
      'bundled.js',
      `import { open } from 'netlink-ts';
     const rt = open();
     console.log(rt.links.dump().filter(({ ifname }) => ifname === 'lo').take(1).toArray()[0].index);
     rt.close();`,
    );
    for (const [format, ending] of [
      ['esm', 'mjs'],
      ['cjs', 'cjs'],
    ]) {
      const bundle = join(folder, `bundled.${ending}`);
      const options = ['--bundle', '--platform=node', `--format=${format}`, `--outfile=${bundle}`];
      await run(folder, join(MODULES, '.bin/esbuild'), entry, '--log-level=error', ...options);
      t.is(await run(folder, process.execPath, bundle), '1\n', format);
    }
  },
);

test.serial('package: a bundle with one error class is less than 2 kB', async (t) => {
  const list = put(
    'classes.mjs',
    `for (const name of ${JSON.stringify(NAMES)})
       for (const [key, value] of Object.entries(await import(name)))
         if (value?.prototype instanceof Error) console.log(key, name);`,
  );
  const classes = (await run(folder, process.execPath, list)).trim().split('\n');
  t.true(
    classes.includes('NetlinkError netlink-ts') && classes.includes('CniError netlink-ts/cni'),
  );
  const entries = classes.map((line, i) => {
    const [key, name] = line.split(' ');
    return put(`class-${i}.js`, `export { ${key} } from '${name}';`);
  });
  const into = `--outdir=${join(folder, 'classes')}`;
  const options = ['--bundle', '--minify', '--platform=node', '--format=esm', into];
  await run(folder, join(MODULES, '.bin/esbuild'), ...entries, '--log-level=error', ...options);
  for (const [i, line] of classes.entries()) {
    const { size } = statSync(join(folder, `classes/class-${i}.js`));
    t.true(size < 2000, `${line}: ${size}`);
  }
});

test.serial('package: a bundle with the registry of kinds has every kind', async (t) => {
  const entry = put(
    'kinds.js',
    `import { linkKinds } from 'netlink-ts/rtnl';
     console.log(['bridge', 'veth', 'netkit'].every((kind) => linkKinds.get(kind) !== undefined));`,
  );
  const bundle = join(folder, 'kinds.mjs');
  const options = ['--bundle', '--platform=node', '--format=esm', `--outfile=${bundle}`];
  await run(folder, join(MODULES, '.bin/esbuild'), entry, '--log-level=error', ...options);
  t.is(await run(folder, process.execPath, bundle), 'true\n');
});

test.serial('package: two builds have the same declarations', async (t) => {
  // A build takes twenty seconds of a processor.
  t.timeout(300_000);
  const declarations = (): Map<string, string> =>
    new Map(
      globSync('dist/*.d.ts', { cwd: ROOT })
        .sort()
        .map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]),
    );
  const before = declarations();
  rmSync(join(ROOT, 'dist/library.sha256'));
  buildLibrary();
  t.deepEqual([...declarations().keys()], [...before.keys()]);
  for (const [file, text] of declarations()) t.true(before.get(file) === text, file);
});

test.serial('package: the codec runs in a browser, with nothing of Node', async (t) => {
  const entry = put(
    'browser.js',
    `import { annotate, encode, decode, rtnetlink, toHex } from 'netlink-ts/codec';
     const payload = { attrs: { ifname: 'eth0', linkinfo: { kind: 'veth' } } };
     const bytes = encode(rtnetlink, { type: 'RTM_NEWLINK', flags: [], seq: 1, pid: 0, payload });
     globalThis.said = [toHex(bytes), annotate(rtnetlink, bytes), decode(rtnetlink, bytes)[0].payload.attrs.ifname];`,
  );
  const bundle = join(folder, 'bundle.js');
  await run(
    folder,
    join(MODULES, '.bin/esbuild'),
    entry,
    '--bundle',
    '--platform=browser',
    '--format=iife',
    `--outfile=${bundle}`,
  );
  const world = { said: [] as unknown as string[], TextEncoder, TextDecoder };
  runInNewContext(readFileSync(bundle, 'utf8'), world);
  t.regex(world.said[1]!, /IFLA_IFNAME "eth0"/);
  t.is(world.said[2], 'eth0');
});

test.serial('package: publint and attw find nothing wrong', async (t) => {
  const pkgDir = join(folder, 'node_modules/netlink-ts');
  const { messages } = await publint({ pkgDir, strict: true });
  t.deepEqual(messages, []);
  const tarball = readFileSync(join(folder, `netlink-ts-${VERSION}.tgz`));
  const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
  t.truthy(checked.types);
  const problems = 'problems' in checked ? checked.problems : [];
  // Older resolutions know no `exports`; and that a CommonJS file gets ES modules is the intention.
  const meant = ['NoResolution node10', 'CJSResolvesToESM node16-cjs'];
  const found = problems.map((each) => `${each.kind} ${(each as Resolved).resolutionKind}`);
  t.deepEqual(
    found.filter((problem) => !meant.includes(problem)),
    [],
  );
});

test.serial('package: a link of its pages leads to a file in it or in the repository', (t) => {
  const home = join(folder, 'node_modules/netlink-ts');
  const { homepage } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    homepage: string;
  };
  const pages = globSync('**/*.md', { cwd: home });
  t.true(pages.includes('CHANGELOG.md') && pages.includes('docs/guide.md'));
  let links = 0;
  for (const page of pages) {
    const text = readFileSync(join(home, page), 'utf8');
    for (const [, link] of text.matchAll(/\]\(([^)\s#]+)/g)) {
      const [, path] = /^https:.*?\/(?:blob|tree)\/v[\d.]+\/(.*)/.exec(link!) ?? [];
      if (path !== undefined && link!.startsWith(homepage)) {
        t.true(existsSync(join(ROOT, path)), `${page}: ${link}`);
      } else if (!/^[a-z]+:/.test(link!)) {
        t.true(existsSync(join(home, dirname(page), link!)), `${page}: ${link}`);
      }
      links++;
    }
  }
  t.true(links > 100);
});

/** What the compiler counts, which is the same on each run; time follows it. */
const WORK = ['Files', 'Identifiers', 'Symbols', 'Types', 'Instantiations'];

test.serial('package: the first sample of the README costs the compiler little', async (t) => {
  const tsc = join(MODULES, 'typescript/bin/tsc');
  const counts = async (name: string, text: string): Promise<(what: string) => number> => {
    const file = put(name, text);
    const options = ['--noEmit', '--extendedDiagnostics'];
    const shown = await run(folder, process.execPath, tsc, ...options, file);
    return (what) => Number(RegExp(`^${what}: +(\\d+)$`, 'm').exec(shown)![1]);
  };
  const nothing = await counts('nothing.mts', 'export {};');
  const first = await counts('first-lines.mts', firstSample());
  t.true(first('Lines of Definitions') < 12_000);
  for (const what of WORK) {
    const times = first(what) / nothing(what);
    t.true(times > 1 && times <= 1.5, `${what}: ${times} of a program that imports nothing`);
  }
});

test.serial('package: the sources that a source map names are in it', (t) => {
  const home = join(folder, 'node_modules/netlink-ts');
  const modules = globSync('dist/*.js', { cwd: home });
  t.true(modules.length > 10);
  for (const module of modules) {
    const map = JSON.parse(readFileSync(join(home, `${module}.map`), 'utf8')) as SourceMap;
    const sources = map.sources.map((source) => resolve(home, 'dist', source));
    t.deepEqual(
      sources.filter((source) => !existsSync(source)),
      [],
      module,
    );
  }
});

test.serial('package: holds the library, and neither executables nor tests', async (t) => {
  const listing = await run(folder, 'tar', '-tzf', join(folder, `netlink-ts-${VERSION}.tgz`));
  const files = listing.split('\n');
  t.true(files.includes('package/dist/index.js'));
  t.deepEqual(
    files.filter((file) => /^package\/(dist\/cni\/|test|fixtures)/.test(file)),
    [],
  );
  t.deepEqual(
    files.filter((file) => /\.c[jt]s$/.test(file)),
    [],
  );
});
