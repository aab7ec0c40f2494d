/**
 * The architecture, as the imports tell it: they point down, the codec runs in a browser, TypeBox
 * stays at the edge, and files stay small.
 */
import { globSync, readFileSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import test from 'ava';

const ROOT = resolve(import.meta.dirname, '..');

/** What every file of a plugin may import. */
const BELOW_PLUGINS = [
  'src/cni/',
  'src/conntrack/',
  'src/errors.ts',
  'src/ip.ts',
  'src/ipam/',
  'src/netlink/',
  'src/nftables/',
  'src/printable.ts',
  'src/rtnl/',
  'src/sys/',
  'src/version.ts',
];

/**
 * What the files below a folder may import besides their own folder; the first that matches holds.
 */
const LAYERS: readonly { readonly in: string; readonly may: readonly string[] }[] = [
  // Facts that everything shares: they import each other at most.
  { in: 'src/printable.ts', may: [] },
  { in: 'src/errors.ts', may: ['src/printable.ts', 'src/sys/errno.ts'] },
  { in: 'src/ip.ts', may: ['src/errors.ts'] },
  { in: 'src/version.ts', may: ['package.json'] },
  { in: 'src/netlink/constants.ts', may: [] },
  { in: 'src/sys/', may: ['src/errors.ts', 'src/netlink/constants.ts'] },
  {
    in: 'src/netlink/codec/',
    may: [
      'src/errors.ts',
      'src/ip.ts',
      'src/printable.ts',
      'src/rtnl/',
      'src/sys/errno.ts',
      'src/netlink/constants.ts',
    ],
  },
  { in: 'src/netlink/', may: ['src/errors.ts', 'src/ip.ts', 'src/printable.ts', 'src/sys/'] },
  {
    in: 'src/rtnl/',
    may: ['src/errors.ts', 'src/ip.ts', 'src/printable.ts', 'src/sys/errno.ts', 'src/netlink/'],
  },
  {
    in: 'src/nftables/messages/',
    may: [
      'src/errors.ts',
      'src/ip.ts',
      'src/printable.ts',
      'src/rtnl/',
      'src/netlink/constants.ts',
      'src/netlink/netfilter.ts',
      'src/netlink/codec/',
    ],
  },
  {
    in: 'src/nftables/rules/',
    may: [
      'src/errors.ts',
      'src/ip.ts',
      'src/printable.ts',
      'src/rtnl/',
      'src/netlink/',
      'src/nftables/messages/',
    ],
  },
  {
    in: 'src/nftables/',
    may: ['src/errors.ts', 'src/ip.ts', 'src/printable.ts', 'src/sys/errno.ts', 'src/netlink/'],
  },
  {
    in: 'src/conntrack/',
    may: ['src/errors.ts', 'src/ip.ts', 'src/printable.ts', 'src/sys/errno.ts', 'src/netlink/'],
  },
  {
    in: 'src/wireguard/',
    may: [
      'src/errors.ts',
      'src/ip.ts',
      'src/printable.ts',
      'src/sys/errno.ts',
      'src/netlink/',
      'src/genl/',
    ],
  },
  {
    in: 'src/ethtool/',
    may: ['src/errors.ts', 'src/printable.ts', 'src/sys/errno.ts', 'src/netlink/', 'src/genl/'],
  },
  {
    in: 'src/devlink/',
    may: ['src/errors.ts', 'src/sys/errno.ts', 'src/netlink/', 'src/genl/'],
  },
  {
    in: 'src/diag/',
    may: ['src/errors.ts', 'src/ip.ts', 'src/printable.ts', 'src/sys/errno.ts', 'src/netlink/'],
  },
  {
    // A packet is sent with its connection.
    in: 'src/nflog/',
    may: ['src/errors.ts', 'src/sys/deadline.ts', 'src/netlink/', 'src/conntrack/'],
  },
  {
    in: 'src/nfqueue/',
    may: ['src/errors.ts', 'src/netlink/', 'src/conntrack/', 'src/nflog/packet.ts'],
  },
  { in: 'src/ynl/', may: ['src/errors.ts', 'src/netlink/', 'src/genl/'] },
  { in: 'src/uevent/', may: ['src/errors.ts', 'src/printable.ts', 'src/netlink/'] },
  {
    in: 'src/xfrm/',
    may: ['src/errors.ts', 'src/ip.ts', 'src/sys/errno.ts', 'src/netlink/'],
  },
  {
    // Names of links are resolved by rtnetlink.
    in: 'src/tc/',
    may: ['src/errors.ts', 'src/ip.ts', 'src/sys/errno.ts', 'src/netlink/', 'src/rtnl/'],
  },
  {
    in: 'src/genl/',
    may: ['src/errors.ts', 'src/sys/errno.ts', 'src/netlink/'],
  },
  // Entries check their arguments; the plugins import the files behind them.
  { in: 'src/ipam/index.ts', may: ['src/netlink/codec/arguments.ts', 'src/ipam/'] },
  { in: 'src/cni/index.ts', may: ['src/netlink/codec/arguments.ts', 'src/cni/'] },
  { in: 'src/ipam/policy/', may: ['src/ip.ts', 'src/sys/'] },
  { in: 'src/ipam/store/', may: ['src/ip.ts', 'src/sys/', 'src/ipam/policy/'] },
  { in: 'src/ipam/', may: ['src/ip.ts', 'src/sys/'] },
  { in: 'src/cni/', may: ['src/ip.ts', 'src/sys/', 'src/ipam/', 'src/version.ts'] },
  { in: 'src/plugins/wire/', may: BELOW_PLUGINS },
  { in: 'src/plugins/attach/', may: [...BELOW_PLUGINS, 'src/plugins/wire/'] },
  {
    in: 'src/plugins/masquerade/',
    may: [...BELOW_PLUGINS, 'src/plugins/wire/', 'src/plugins/attach/'],
  },
  { in: 'src/plugins/', may: BELOW_PLUGINS },
  { in: 'src/installer/', may: ['src/host/', 'src/sys/', 'src/version.ts'] },
  // The entry points of the package.
  { in: 'src/', may: ['src/'] },
];

/** Folders whose code runs in a browser. */
const PORTABLE =
  /^src\/(conntrack|devlink|diag|ethtool|genl|netlink|nflog|nfqueue|rtnl|nftables|tc|uevent|wireguard|xfrm|ynl)\//;
const TYPEBOX = /^src\/(plugins|cni|ipam)\//;
/** Comments are no wider than the code. */
const WIDTH = 100;
/** Files over 500 lines, each with its reason. */
const LONG: Readonly<Record<string, string>> = {};

interface Source {
  readonly path: string;
  readonly text: string;
  /** Import specifiers, those of the project as paths from its root. */
  readonly imports: readonly string[];
  /** Those that are still there when the types are gone. */
  readonly loads: readonly string[];
}

const IMPORT =
  /(?:^|[\n;])\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|[\n;])\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]|\brequire\w*\(\s*['"]([^'"]+)['"]|getBuiltinModule\(\s*['"]([^'"]+)['"]/g;

const importsOf = (path: string, text: string): string[] =>
  [...text.matchAll(IMPORT)].map((found) => {
    const name = found.slice(1).find((part) => part !== undefined)!;
    return name.startsWith('.') ? posix.join(posix.dirname(path), name) : name;
  });

const sources: Source[] = globSync('src/**/*.ts', { cwd: ROOT })
  .sort()
  .map((path) => {
    const text = readFileSync(resolve(ROOT, path), 'utf8');
    const erased = text.replace(/^(import|export) type\b[^;]*;/gm, '');
    return { path, text, imports: importsOf(path, text), loads: importsOf(path, erased) };
  });

/** Code without comments and strings, for looking for names. */
const code = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''");

/** One line for each import that `allowed` refuses. */
const refused = (
  files: readonly Source[],
  allowed: (source: Source, target: string) => boolean,
): string[] =>
  files.flatMap((source) =>
    source.imports
      .filter((target) => !allowed(source, target))
      .map((target) => `${source.path} imports ${target}`),
  );

test('layers: the sources are found, with their imports', (t) => {
  t.true(sources.length > 3);
  const libc = sources.find(({ path }) => path === 'src/sys/libc.ts');
  t.deepEqual(libc?.imports, ['src/sys/libc-types.ts', 'src/sys/runtime.ts']);
  t.deepEqual(libc?.loads, ['src/sys/runtime.ts']);
});

test('layers: imports point down', (t) => {
  const bad = refused(sources, ({ path }, target) => {
    if (!target.startsWith('src/')) return true;
    const layer = LAYERS.find((each) => path.startsWith(each.in))!;
    return [layer.in, ...layer.may].some((prefix) => target.startsWith(prefix));
  });
  t.deepEqual(bad, []);
});

/** Chains of imports that end where they begin. */
function detours(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): string[] => {
    if (trail.includes(path)) return [[...trail.slice(trail.indexOf(path)), path].join(' → ')];
    if (done.has(path)) return [];
    const found = (graph.get(path) ?? []).flatMap((next) => walk(next, [...trail, path]));
    done.add(path);
    return found;
  };
  return [...graph.keys()].flatMap((path) => walk(path, []));
}

test('layers: no file imports itself by a detour', (t) => {
  t.deepEqual(detours(new Map(sources.map(({ path, loads }) => [path, loads]))), []);
});

/** Folders in which that holds for types too: two files that need each other are one idea. */
const ACYCLIC = /^src\/(plugins|cni|ipam|sys)\//;

test('layers: in plugins, cni, ipam and sys no file needs itself by a detour of types', (t) => {
  const own = sources.filter(({ path }) => ACYCLIC.test(path));
  const within = ({ imports }: Source): string[] =>
    imports.filter((target) => ACYCLIC.test(target));
  t.deepEqual(detours(new Map(own.map((source) => [source.path, within(source)]))), []);
});

/** Names of roles, which many folders have: of a plugin, an object, a family, a layer, an entry. */
const ROLES = [
  ...['index', 'main', 'constants', 'errors', 'version', 'config', 'result'],
  ...['add', 'del', 'check', 'status', 'gc', 'commands'],
  ...['message', 'verbs', 'requests', 'open', 'head', 'kinds', 'info', 'declare'],
];
/** Two files of one name that are told apart by their folders, and how. */
const PAIRS: Readonly<Record<string, string>> = {
  address: 'an address of any message, and xfrm_address_t',
  attributes: 'what a set of attributes is, and those of IPsec',
  codec: 'the entry netlink-ts/codec, and what a codec is',
  counters: 'of ethtool, and of traffic control',
  decode: 'of a configuration, and the command of the command line',
  dump: 'of a connection, and the command of the command line',
  ipam: 'of a plugin, and the command of the command line',
  monitor: 'of a connection, and the command of the command line',
  host: 'the host of the executables, and what the doctor finds of a machine',
  protocol: 'of netlink, and the cases about that of CNI',
  run: 'of a plugin, and of the conformance suite',
  stats: 'of interfaces, and of qdiscs',
  subjects: 'of messages of rtnetlink, and of nf_tables',
  transaction: 'of nf_tables, and of a plugin',
  vlan: 'of a port of a bridge, and the kind of link',
};

test('layers: a file has a name of its own, or that of its role', (t) => {
  const byName = new Map<string, string[]>();
  for (const { path } of sources) {
    const name = posix.basename(path, '.ts');
    byName.set(name, [...(byName.get(name) ?? []), path]);
  }
  const double = [...byName].filter(([name, paths]) => {
    return paths.length > (name in PAIRS ? 2 : 1) && !ROLES.includes(name);
  });
  t.deepEqual(double, []);
});

test('layers: only the binding reaches the operating system from below the plugins', (t) => {
  const portable = sources.filter(({ path }) => PORTABLE.test(path));
  const packages = ['buffer-layout'];
  const isOwn = (path: string, target: string): boolean =>
    path === 'src/ynl/index.ts' && target === 'yaml';
  t.deepEqual(
    refused(
      portable,
      ({ path }, target) =>
        target.startsWith('src/') || packages.includes(target) || isOwn(path, target),
    ),
    [],
  );
});

test('layers: the entry of the codec loads nothing of the system', (t) => {
  const byPath = new Map(sources.map((each) => [each.path, each]));
  const loaded = new Set(['src/codec.ts']);
  for (const path of loaded) {
    for (const target of byPath.get(path)?.loads ?? []) {
      if (target.startsWith('src/')) loaded.add(target);
    }
  }
  t.true(loaded.size > 100, `${loaded.size} files`);
  t.deepEqual(
    [...loaded].filter((path) => path.startsWith('src/sys/')),
    ['src/sys/errno.ts'],
  );
});

test('layers: the codec names neither Buffer nor process', (t) => {
  const bad = sources
    .filter(({ path, text }) => PORTABLE.test(path) && /\b(Buffer|process)\b/.test(code(text)))
    .map(({ path }) => path);
  t.deepEqual(bad, []);
});

test('layers: plugins know no runtime but through the binding', (t) => {
  const plugins = sources.filter(({ path }) => /^src\/(plugins|cni|ipam)\//.test(path));
  const loaded = plugins.flatMap(({ path, loads }) =>
    loads.filter((target) => target.startsWith('node:')).map((target) => `${path}: ${target}`),
  );
  t.deepEqual(loaded, []);
  const named = plugins.filter(({ text }) => /\b(Buffer|process|Bun)\./.test(code(text)));
  t.deepEqual(
    named.map(({ path }) => path),
    [],
  );
});

/**
 * What ADD and DEL load on a usual host: the engine reads it while somebody waits.
 */
const AT_ONCE = [
  'bridge/add.ts',
  'bridge/del.ts',
  'masquerade/masquerade.ts',
  'masquerade/remove.ts',
  'ipvlan/add.ts',
  'ipvlan/del.ts',
  'loopback/commands.ts',
].map((name) => `src/plugins/${name}`);

test('layers: ADD and DEL load no declarations', (t) => {
  const loaded = new Map<string, string>();
  const load = (path: string): void => {
    const text = sources.find((each) => each.path === path)?.text ?? '';
    if (path.startsWith('src/') && text === '') throw new Error(`there is no ${path}`);
    // Types are erased, and what is imported by a call is loaded when it is needed.
    const erased = text.replace(/^(import|export) type\b[^;]*;|\bimport\([^)]*\)/gm, '');
    for (const target of importsOf(path, erased)) {
      if (loaded.has(target)) continue;
      loaded.set(target, path);
      load(target);
    }
  };
  AT_ONCE.forEach(load);
  const codecs = [...loaded].filter(([target]) =>
    /^(buffer-layout|src\/netlink\/codec\/(codec|integer|struct|attributes|message)\.ts)$/.test(
      target,
    ),
  );
  t.deepEqual(
    codecs.map(([target, by]) => `${by} loads ${target}`),
    [],
  );
});

/** Folders of families that are entries of their own. */
const FAMILIES = [
  'conntrack',
  'devlink',
  'diag',
  'ethtool',
  'genl',
  'nflog',
  'nfqueue',
  'tc',
  'uevent',
  'wireguard',
  'xfrm',
  'ynl',
];
/** What those of generic netlink need: the controller knows their ids. */
const OVER: Readonly<Record<string, readonly string[]>> = {
  devlink: ['genl'],
  ethtool: ['genl'],
  wireguard: ['genl'],
  ynl: ['genl'],
  // A packet is sent with its connection.
  nflog: ['conntrack'],
  nfqueue: ['conntrack', 'nflog'],
};
/** What the plugins have of a family, for `flushConntrack`: no declaration. */
const OF_PLUGINS = ['src/conntrack/connection/subject.ts', 'src/conntrack/constants.ts'];
/** What no family loads; traffic control is rtnetlink's own. */
const OF_ANY = /^src\/(?!netlink\/|sys\/|[a-z]+\.ts)/;
const OF_ROUTE = /^src\/(?!netlink\/|rtnl\/|sys\/|[a-z]+\.ts)/;
/** The files that an entry loads. */
function loadedBy(entry: string): readonly string[] {
  const graph = new Map(sources.map(({ path, loads }) => [path, loads]));
  const met = new Set([entry]);
  for (const path of met) for (const next of graph.get(path) ?? []) met.add(next);
  return [...met];
}

test('layers: a family is loaded by its own entry, and its declarations by no plugin', (t) => {
  const entries = ['index', 'codec', 'rtnl/index', 'nftables/index', 'netlink/index'];
  const others = [...entries, 'cni/index', 'ipam/index', 'plugins/main'].map(
    (name) => `src/${name}.ts`,
  );
  for (const family of FAMILIES) {
    const own = loadedBy(`src/${family}/index.ts`);
    t.true(own.length > 5);
    const strange = own.filter((path) => (family === 'tc' ? OF_ROUTE : OF_ANY).test(path));
    t.deepEqual(
      strange.filter((path) => ![family, ...(OVER[family] ?? [])].includes(path.split('/')[1]!)),
      [],
    );
    for (const other of others) {
      t.deepEqual(
        loadedBy(other).filter((path) => path.startsWith(`src/${family}/`)),
        other === 'src/plugins/main.ts' && family === 'conntrack' ? OF_PLUGINS : [],
        other,
      );
    }
  }
});

test('layers: TypeBox is for configuration, by its subpaths', (t) => {
  const bad = refused(sources, ({ path }, target) => {
    if (!target.startsWith('@sinclair/typebox')) return true;
    return TYPEBOX.test(path) && target !== '@sinclair/typebox';
  });
  t.deepEqual(bad, []);
});

test('layers: relative imports name a file, with its ending', (t) => {
  const bad = refused(
    sources,
    (_, target) => !target.startsWith('src/') || /\.(ts|json)$/.test(target),
  );
  t.deepEqual(bad, []);
});

test('layers: no file is over 500 lines without a reason', (t) => {
  const long = sources
    .filter(({ path, text }) => text.split('\n').length - 1 > 500 && !(path in LONG))
    .map(({ path, text }) => `${path}: ${text.split('\n').length - 1} lines`);
  t.deepEqual(long, []);
});

test('layers: comments end at the width of the code', (t) => {
  const files = globSync('{src,test,bench,scripts,examples}/**/*.ts', { cwd: ROOT });
  const wide = files.sort().flatMap((path) =>
    readFileSync(resolve(ROOT, path), 'utf8')
      .split('\n')
      .flatMap((line, i) =>
        line.length > WIDTH && /^\s*(\/\/|\/?\*)/.test(line) ? [`${path}:${i + 1}`] : [],
      ),
  );
  t.deepEqual(wide, []);
});
