/**
 * Which release of Linux brought each attribute and message: `since.json`, from headers of many
 * releases that package registries keep, each by its hash. To be run by hand when attributes have
 * been declared, or to add a newer release; it fetches 600 MB by `apt-get`, `pip`, `cargo` and `go`:
 *
 *     node site/scripts/since.ts
 *
 * A name is new between the last release that certainly lacks it and the first that has it. What a
 * long-term release lacks, its first lacked too; what it has may be from a newer one.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { loadModel } from '../../scripts/docs-model.ts';
import { compareReleases, type Facts } from './releases.ts';

const FILE = resolve(import.meta.dirname, '../since.json');

/** Debian's package of all headers: suite, version, hash. */
const DEBIAN = [
  ['bullseye', '5.10.223-1', 'e3be603bd12377bb90fcfb0f2048ca3a81c886e49d6f09945b82159d1c54f7b2'],
  ['bookworm', '6.1.176-1', '8bb258735b9dffbb111da778ebdd024750878e435ffd9dfcadcb6762ede6b4cf'],
  ['trixie', '6.12.107-1', 'dc68dd53c7356598d005866da0d19d7bd33af2a62971aced624cdf04492902b4'],
  [
    'trixie-backports',
    '7.3.4-1~bpo13+1',
    'b3a4538fca67081c8606a93f37521d0eb74ac75996a02f3321a6b27f978e10a8',
  ],
] as const;

/** Sources of programs that have copies of headers, in Debian 12: version, Linux, hash. */
const COPIES = [
  ['iproute2=6.1.0-3', '6.1', '5ce12a0fec6b212725ef218735941b2dab76244db7e72646a76021b0537b43ab'],
  ['ethtool=1:6.1-1', '6.1', 'c41fc881ffa5a40432d2dd829eb44c64a49dee482e716baacf9262c64daa8f90'],
] as const;

/** The compiler zig has all headers, of the Linux of its time. */
const ZIG = [
  ['0.8.0', '56ae870b4de70668858e589eafef5f55f4d16919e8568cc07e1dfcbdc0b87d81'],
  ['0.9.0', 'bb7596089af3cf40c8311695c1bb3fca8bec97edb75e0d2d66312f95a31ddd8b'],
  ['0.11.0', '45e8116428267e20529b9ee43a7e7364791c1a092845d2143b248a1dbf6760b0'],
  ['0.14.0', 'cd7ae02ac7b320937e920ea37f05194fbf3ac354faa7116a561f8118fb9c0210'],
  ['0.16.0', '9fcda73f62b851dd72a54b710ad40a209896db14cfb13649e62191243556342b'],
  ['0.17.1', 'ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54'],
] as const;

/** The crate linux-raw-sys has what a few headers declare, the first one of eight releases. */
const CRATES = [
  ['0.0.20', 'b6625ae1deab56dee476b0ddec52fb08e35ae3986b262b2a65ea5efeb27562b8'],
  ['0.0.46', 'd4d2456c373231a208ad294c33dc5bff30051eafd954cd4caae83a712b12854d'],
  ['0.2.2', 'b1ad52afd8f9448cbbe722ae722849cc41f1d365e285cca386896352bc08e1a9'],
  ['0.3.0', 'cd550e73688e6d578f0ac2119e32b797a327631a42f9433e59d02e139c8df60d'],
  ['0.3.8', 'ef53942eb7bf7ff43a617b3e2c1c4a5ecf5944a7c1bc12d7ee39bbb15e5c1519'],
  ['0.6.4', 'f0b5399f6804fbab912acbd8878ed3532d506b7c951b8f9f164ef90fef39e3f4'],
  ['0.7.0', '51bafc0bb5cbecb9ed381e75b803040302fd678b5d9faa04f01eaa280bc8c029'],
  ['0.8.0', '8bbbb933f93c53df320d2bb19124961a8e91fad88d2dd6f4f40e85ab13d4bb5e'],
  ['0.10.0', '13d6a630ed4f43c11056af8768c4773df2c43bc780b6d8a46de345c17236c562'],
  ['0.11.0', 'df1d3c3b53da64cf5760482273a98e575c651a67eec7f77df96b5b642de8f039'],
  ['0.12.1', '32a66949e030da00e8c7d4434b251670a91556f4144941d37452769c25d58a53'],
] as const;

/**
 * The Go module golang.org/x/sys lists chosen constants: what it has, its Linux has, and what it
 * lacks proves nothing.
 */
const GO = [
  ['v0.0.0-20180905080454-ebe1bf3edb33', 'h1:I6FyU15t786LL7oL/hn43zqTuEGr4PN7F4XJ1p4E3Y8='],
  ['v0.0.0-20190215142949-d0b11bdaac8a', 'h1:1BGLXjeY4akVXGgbC9HugT3Jv3hCI0z56oJR5vAMgBU='],
  ['v0.0.0-20190412213103-97732733099d', 'h1:+R4KGOnez64A81RvjARKc4UT5/tI9ujCIVX+P5KiHuI='],
  ['v0.0.0-20190813064441-fde4db37ae7a', 'h1:aYOabOQFp6Vj6W1F80affTUvO9UxmJRx8K0gsfABByQ='],
  ['v0.0.0-20191026070338-33540a1f6037', 'h1:YyJpGZS1sBuBCzLAR1VEpK193GlqGZbnPFnPV/5Rsb4='],
  ['v0.0.0-20200116001909-b77594299b42', 'h1:vEOn+mP2zCOVzKckCZy6YsCtDblrpj/w7B9nxGNELpg='],
  ['v0.0.0-20200323222414-85ca7c5b95cd', 'h1:xhmwyvizuTgC2qz7ZlMluP20uW+C3Rm0FD/WLDX8884='],
  ['v0.0.0-20200625212154-ddb9806d33ae', 'h1:Ih9Yo4hSPImZOpfGuA4bR/ORKTAbhZo2AbWNRCnevdo='],
  ['v0.0.0-20200930185726-fdedc70b468f', 'h1:+Nyd8tzPX9R7BWHguqsrbFdRx3WQ/1ib8I44HXV5yTA='],
  ['v0.0.0-20201119102817-f84b799fce68', 'h1:nxC68pudNYkKU6jWhgrqdreuFiOQWj1Fs7T3VrH4Pjw='],
  ['v0.0.0-20210119212857-b64e53b001e4', 'h1:myAQVi0cGEoqQVR5POX+8RR2mrocKqNN1hmeMqhX27k='],
  ['v0.0.0-20210423082822-04245dca01da', 'h1:b3NXsE2LusjYGGjL5bxEVZZORm/YEFFrWFjR8eFrw/c='],
  ['v0.0.0-20210809222454-d867a43fc93e', 'h1:WUoyKPm6nCo1BnNUvPGnFG3T5DUVem42yDJZZ4CNxMA='],
  ['v0.0.0-20211019181941-9d821ace8654', 'h1:id054HUawV2/6IGm2IV8KZQjqtwAOo2CYlOToYqa0d0='],
  ['v0.0.0-20211216021012-1d35b9e2eb4e', 'h1:fLOSk5Q00efkSvAm+4xcoXD+RRmLmmulPn5I3Y9F2EM='],
  ['v0.0.0-20220227234510-4e6760a101f9', 'h1:nhht2DYV/Sn3qOayu8lM+cU1ii9sTLUeBQwQQfUHtrs='],
  ['v0.0.0-20220520151302-bc2c85ada10a', 'h1:dGzPydgVsqGcTRVwiLJ1jVbufYwmzD3LfVPLKsKg+0k='],
  ['v0.5.0', 'h1:MUK/U/4lj1t1oPg0HfuXDN/Z1wv31ZJ/YcPiGccS4DU='],
  ['v0.9.0', 'h1:KS/R3tvhPqvJvwcKfnBHJwwthS11LRhmM5D59eEXa0s='],
  ['v0.12.0', 'h1:CM0HF96J0hcLAwsHPJZjfdNzs0gftsLfgKt57wWHJ0o='],
  ['v0.13.0', 'h1:Af8nKPmuFypiUBjVoU9V20FiaFXOcuZI21p0ycVYYGE='],
  ['v0.16.0', 'h1:xWw16ngr6ZMtmxDyKyIgsE93KNKz5HKmMa3b8ALHidU='],
  ['v0.19.0', 'h1:q5f1RH2jigJ1MoAWp2KTp3gm5zAGFUTarQZ5U386+4o='],
  ['v0.20.0', 'h1:Od9JTbYCk261bKm4M/mw7AklTlFYIa0bIp9BgSm1S8Y='],
  ['v0.22.0', 'h1:RI27ohtqKCnwULzJLqkv897zojh5/DwS/ENaMzUOaWI='],
  ['v0.25.0', 'h1:r+8e+loiHxRqhXVl6ML1nO3l1+oFoWbnlu2Ehimmi34='],
  ['v0.27.0', 'h1:wBqf8DvsY9Y/2P8gAfPDEYNuS30J4lPHJxXSb/nJZ+s='],
  ['v0.29.0', 'h1:TPYlXGxvx1MGTn2GiZDhnjPA9wZzZeGKHHmKhHYvgaU='],
  ['v0.31.0', 'h1:ioabZlmFYtWhL+TRYpcnNlLwhyxaM9kWTDEmfnprqik='],
  ['v0.34.0', 'h1:H5Y5sJ2L2JRdyv7ROF1he/lPdvFsd0mJHFw2ThKHxLA='],
  ['v0.44.0', 'h1:ildZl3J4uzeKP07r2F++Op7E9B29JRUy+a27EibtBTQ='],
  ['v0.48.0', 'h1:bbX/i/6MgT9BVLM9RT1thmxL04yeTAhbEz4SyadbXoo='],
  ['v0.50.0', 'h1:dkKZEFTEKaLr1sjhs0WiKqoi8Jj5nHbS3Njmx1UoMJs='],
] as const;

/** First words of the names of families that are not declared. */
const FAMILIES = [
  ...['DEVLINK', 'DPLL', 'HANDSHAKE', 'HSR', 'IOAM6', 'L2TP', 'MACSEC', 'MPTCP', 'NETDEV'],
  ...['OVPN', 'OVS', 'PSP', 'SEG6', 'TEAM'],
];

/** The names that a release has, as far as a source tells. */
interface Snapshot {
  /** `5.10` */
  readonly linux: string;
  readonly source: string;
  /** By header, or under `''` where the source does not tell the headers apart. */
  readonly names: ReadonlyMap<string, ReadonlySet<string>>;
  /** Of some headers all, or of all headers some. */
  readonly tells: 'all' | 'some headers' | 'some names';
  /** A long-term release, to which something may have been added. */
  readonly isOld?: boolean;
}

const scratch = mkdtempSync(join(tmpdir(), 'since-'));
try {
  const snapshots = [...debian(), ...copies(), ...zig(), ...crates(), ...go()].sort((a, b) =>
    compareReleases(a.linux, b.linux),
  );
  const facts = factsOf(await declaredNames(), snapshots);
  const groups = new Map<string, string[]>();
  for (const [name, { absent, seen }] of [...facts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const key = JSON.stringify([absent, seen]);
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  const between = [...groups].map(([key, names]) => {
    const [absent, seen] = JSON.parse(key) as [string, string];
    return { absent, seen, names };
  });
  between.sort((a, b) => compareReleases(a.seen, b.seen) || compareReleases(a.absent, b.absent));
  const oldest = snapshots.find(({ tells }) => tells === 'all')!.linux;
  const sources = snapshots.map(({ linux, source }) => `Linux ${linux}: ${source}`);
  writeFileSync(FILE, `${JSON.stringify({ oldest, sources, between }, null, 1)}\n`);
  console.log(`${facts.size} names from ${snapshots.length} snapshots`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function factsOf(declared: readonly string[], snapshots: readonly Snapshot[]): Map<string, Facts> {
  const full = snapshots.filter(({ tells }) => tells === 'all');
  const whole = wholeHeaders(new Set(declared), snapshots, full[0]!);
  const facts = new Map<string, Facts>();
  for (const name of withOthers(declared, full)) {
    const has = ({ names }: Snapshot): boolean => [...names.values()].some((set) => set.has(name));
    const seen = snapshots.find((each) => each.isOld !== true && has(each));
    if (seen === undefined) continue;
    const headers = new Set(
      full.flatMap(({ names }) => [...names.keys()].filter((path) => names.get(path)!.has(name))),
    );
    const [header] = headers;
    const absent = snapshots.findLast(
      (each) =>
        compareReleases(each.linux, seen.linux) < 0 &&
        !has(each) &&
        (each.tells === 'all' ||
          (headers.size === 1 && whole.get(each.source)?.has(header!) === true)),
    );
    // What is as old as the oldest that has all headers is left out.
    if (absent !== undefined && compareReleases(seen.linux, full[0]!.linux) > 0)
      facts.set(name, { absent: absent.linux, seen: seen.linux });
  }
  return facts;
}

/** The headers of which a source has all names, as it has those of the oldest full snapshot. */
function wholeHeaders(
  declared: ReadonlySet<string>,
  snapshots: readonly Snapshot[],
  oldest: Snapshot,
): Map<string, Set<string>> {
  const expected = [...oldest.names]
    .map(([path, names]) => [path, [...names].filter((name) => declared.has(name))] as const)
    .filter(([, names]) => names.length > 0);
  const whole = new Map<string, Set<string>>();
  for (const { linux, source, names, tells } of snapshots) {
    if (tells !== 'some headers' || compareReleases(linux, oldest.linux) < 0) continue;
    const paths = expected
      .filter(([, each]) => each.every((name) => names.get('')!.has(name)))
      .map(([path]) => path);
    const before = whole.get(source);
    whole.set(source, new Set(paths.filter((path) => before === undefined || before.has(path))));
  }
  for (const [source, paths] of whole) console.log(`${source}: ${[...paths].join(' ')}`);
  return whole;
}

async function declaredNames(): Promise<string[]> {
  const { pages } = await loadModel();
  return pages.flatMap(({ messages, sets }) => [
    ...messages.flatMap(({ types }) => Object.keys(types)),
    ...sets.flatMap(({ declared }) => declared.map(({ name }) => name)),
  ]);
}

/**
 * Also the names that begin with the same word or belong to a family of generic netlink, so that a
 * new declaration finds its facts here.
 */
function withOthers(declared: readonly string[], full: readonly Snapshot[]): Set<string> {
  const words = new Set([...declared.map(firstWord), ...FAMILIES]);
  const others = full
    .flatMap(({ names }) => [...names.values()])
    .flatMap((names) => [...names])
    .filter((name) => words.has(firstWord(name)) && /^[A-Z0-9_]+[A-Z0-9]$/.test(name))
    .filter((name) => !/_(UNSPEC|MAX|MIN)$/.test(name));
  return new Set([...declared, ...others]);
}

function firstWord(name: string): string {
  return name.split('_')[0]!;
}

function debian(): Snapshot[] {
  return DEBIAN.map(([suite, version, hash]) => {
    const folder = fromDebian(suite, 'deb', 'download', `linux-libc-dev=${version}`);
    const [file] = globSync('*.deb', { cwd: folder });
    verify(join(folder, file!), hash);
    run(folder, 'dpkg-deb', '-x', file!, '.');
    return headersIn(join(folder, 'usr/include/linux'), `linux-libc-dev ${version}`);
  });
}

function copies(): Snapshot[] {
  return COPIES.map(([source, linux, hash]) => {
    const folder = fromDebian('bookworm', 'deb-src', 'source', '--download-only', source);
    const [file] = globSync('*.orig.tar.*', { cwd: folder });
    verify(join(folder, file!), hash);
    run(folder, 'tar', '-xf', file!);
    const headers = globSync('*/**/uapi/linux/**/*.h', { cwd: folder });
    const all = headers.map((path) => readFileSync(join(folder, path), 'utf8')).join('\n');
    const names = new Map([['', namesIn(all)]]);
    return { linux, source: source.replace('=', ' '), names, tells: 'some headers' };
  });
}

/** The folder that `apt-get` has put something of a suite into. */
function fromDebian(suite: string, kind: 'deb' | 'deb-src', ...command: string[]): string {
  const folder = folderOf(`${suite}-${command.at(-1)!}`);
  const list = join(folder, 'sources.list');
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(list, `${kind} [signed-by=${keys}] http://deb.debian.org/debian ${suite} main\n`);
  mkdirSync(join(folder, 'lists/partial'), { recursive: true });
  const options = [
    `Dir::Etc::sourcelist=${list}`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::lists=${join(folder, 'lists')}`,
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  run(folder, 'apt-get', '-qq', ...options, 'update');
  run(folder, 'apt-get', '-qq', ...options, ...command);
  return folder;
}

function zig(): Snapshot[] {
  return ZIG.map(([version, hash]) => {
    const folder = folderOf(`zig-${version}`);
    const platforms = ['manylinux_2_12_x86_64', 'manylinux2010_x86_64'];
    run(folder, 'pip3', 'download', '-q', '--no-deps', '--only-binary=:all:', '--no-cache-dir',
      ...platforms.flatMap((each) => ['--platform', each]), `ziglang==${version}`); // prettier-ignore
    const [file] = globSync('*.whl', { cwd: folder });
    verify(join(folder, file!), hash);
    const headers = 'ziglang/lib/libc/include/any-linux-any/linux';
    run(folder, 'unzip', '-q', file!, `${headers}/*`);
    rmSync(join(folder, file!));
    return headersIn(join(folder, headers), `ziglang ${version}`);
  });
}

function headersIn(folder: string, source: string): Snapshot {
  const names = new Map<string, ReadonlySet<string>>();
  for (const path of globSync('**/*.h', { cwd: folder })) {
    names.set(path, namesIn(readFileSync(join(folder, path), 'utf8')));
  }
  const version = readFileSync(join(folder, 'version.h'), 'utf8');
  const code = Number(/LINUX_VERSION_CODE (\d+)/.exec(version)![1]);
  const linux = `${code >> 16}.${(code >> 8) & 255}`;
  return { linux, source, names, tells: 'all', isOld: (code & 255) > 50 };
}

function crates(): Snapshot[] {
  return CRATES.flatMap(([version, hash]) => {
    const folder = folderOf(`crate-${version}`);
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src/lib.rs'), '');
    writeFileSync(
      join(folder, 'Cargo.toml'),
      `[package]\nname = "headers"\nversion = "0.0.0"\n[dependencies]\nlinux-raw-sys = "=${version}"\n`,
    );
    run(folder, 'cargo', 'fetch', '-q');
    const home = join(folder, '.cargo/registry');
    verify(globSync(join(home, `cache/*/linux-raw-sys-${version}.crate`))[0]!, hash);
    return globSync(join(home, 'src/*/*/src/**/x86_64/netlink.rs')).map((path): Snapshot => {
      const text = readFileSync(path, 'utf8');
      const general = readFileSync(path.replace('netlink.rs', 'general.rs'), 'utf8');
      const code = Number(/LINUX_VERSION_CODE: u32 = (\d+)/.exec(general)?.[1]);
      const [, major, minor] = /\/v(\d+(?:_6)?)_(\d+)\/x86_64/.exec(path) ?? [];
      const linux =
        major === undefined
          ? `${code >> 16}.${(code >> 8) & 255}`
          : `${major.replace('_', '.')}.${minor}`;
      const names = new Map([['', namesIn(text)]]);
      return { linux, source: `linux-raw-sys ${version}`, names, tells: 'some headers' };
    });
  });
}

function go(): Snapshot[] {
  return GO.map(([version, sum]) => {
    const folder = folderOf(`go-${version}`);
    const text = run(folder, 'go', 'mod', 'download', '-json', `golang.org/x/sys@${version}`);
    const { Dir, Sum } = JSON.parse(text) as { Dir: string; Sum: string };
    if (Sum !== sum) throw new Error(`golang.org/x/sys ${version}: ${Sum} instead of ${sum}`);
    const docker = readFileSync(join(Dir, 'unix/linux/Dockerfile'), 'utf8');
    const files = globSync('unix/z{errors,types}_linux{,_amd64}.go', { cwd: Dir });
    const all = files.map((file) => readFileSync(join(Dir, file), 'utf8')).join('\n');
    const linux = /--branch v(\d+\.\d+)\b/.exec(docker)![1]!;
    const names = new Map([['', namesIn(all)]]);
    return { linux, source: `golang.org/x/sys ${version}`, names, tells: 'some names' };
  });
}

function namesIn(text: string): Set<string> {
  const code = text.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '');
  return new Set(code.match(/\b[A-Z][A-Za-z0-9]*_\w+\b/g));
}

function folderOf(name: string): string {
  const folder = join(scratch, name);
  mkdirSync(folder);
  return folder;
}

function verify(file: string, hash: string): void {
  const is = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (is !== hash) throw new Error(`${basename(file)}: sha256 ${is} instead of ${hash}`);
}

function run(cwd: string, program: string, ...args: string[]): string {
  const env = { ...process.env, CARGO_HOME: join(cwd, '.cargo') };
  return execFileSync(program, args, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 26 });
}
