/**
 * A program on the engine that does one thing of the binding, for `engine.test.ts`: named by its
 * first argument, answering in JSON.
 */
import '../../src/host/globals.ts';
import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statfsSync,
} from '../../src/sys/files.ts';
import { libc } from '../../src/sys/libc.ts';
import { foundIn, removedIn } from './found.ts';
import { collect, functions, starve } from './functions.ts';
import { thisProcess } from '../../src/sys/process.ts';

const [what = '', ...args] = thisProcess.args;

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
/** The error of a call, as whoever catches it sees it. */
function tried(work: () => unknown): unknown {
  try {
    return work() ?? null;
  } catch (error) {
    const { name, message, code, errno } = error as NodeJS.ErrnoException;
    return { name, message, ...(code !== undefined && { code, errno }) };
  }
}

const THINGS: Readonly<Record<string, () => unknown>> = {
  decode: () => JSON.parse(args[0]!).map((hex: string) => new TextDecoder().decode(bytesOf(hex))),
  decodeFatal: () =>
    tried(() => new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(args[0]!))),
  encode: () => JSON.parse(args[0]!).map((text: string) => hexOf(new TextEncoder().encode(text))),
  bounds: () => {
    const bytes = new Uint8Array(4);
    return [
      tried(() => host.read(0, bytes, 5)),
      tried(() => host.read(0, bytes, -1)),
      tried(() => host.send(0, bytes, 2 ** 40, 0)),
      tried(() => host.statx(0, '', 0, 0, bytes)),
      tried(() => host.pipe(bytes, 0)),
      tried(() => host.futimens(0, bytes)),
      tried(() => host.wait(0, bytes.subarray(1), 0)),
      tried(() => host.open('/etc\0/passwd', 0, 0)),
      tried(() => host.open(undefined as unknown as string, 0, 0)),
      tried(() => host.read('0' as unknown as number, bytes, 4)),
      tried(() => host.read(0, [1] as unknown as Uint8Array, 1)),
      tried(() => host.read(0, bytes, { valueOf: () => 4 } as unknown as number)),
      tried(() => host.aioError(0, 1)),
      tried(() => host.aioError(-1, 1)),
    ];
  },
  clock: () => [performance.timeOrigin, performance.timeOrigin + performance.now()],
  random: () => [Math.random(), Math.random()],
  allocate: () => {
    const wrong: number[] = [];
    const kept: Uint8Array[] = [];
    for (let round = 0; round < 4; round++) {
      for (let power = 1; power < 20; power++) {
        for (let size = 2 ** power - 20; size <= 2 ** power + 20; size += 4) {
          if (size < 0) continue;
          const bytes = new Uint8Array(size);
          if (bytes.some((byte) => byte !== 0)) wrong.push(size);
          // Others take the room of what is dropped.
          kept[(round * 7 + kept.length) % 300] = bytes.fill(size);
        }
      }
    }
    for (const bytes of kept)
      if (bytes?.some((byte) => byte !== (bytes.length & 255))) wrong.push(bytes.length);
    const list: string[] = [];
    for (let i = 0; i < 50_000; i++) list.push(`${i}`.padEnd(i % 300, 'x'));
    for (const [i, text] of list.entries()) if (parseInt(text) !== i) wrong.push(i);
    return wrong;
  },
  noEval: () => [
    tried(() => new Function('return 1')),
    tried(() => (0, eval)('1')),
    tried(() => (() => {}).constructor('return 1')),
  ],
  files: () => {
    const folder = args[0]!;
    const { O_DIRECTORY, O_NOFOLLOW } = constants;
    return {
      made: tried(() => mkdirSync(`${folder}/a/b/c`, { recursive: true, mode: 0o700 })),
      again: tried(() => mkdirSync(`${folder}/a/b/c`, { recursive: true })),
      twice: tried(() => mkdirSync(`${folder}/a`)),
      onFile: tried(() => mkdirSync(`${folder}/file`, { recursive: true })),
      belowFile: tried(() => mkdirSync(`${folder}/file/a`, { recursive: true })),
      names: readdirSync(`${folder}/many`).length,
      first: readdirSync(`${folder}/many`).sort()[0],
      noFolder: tried(() => readdirSync(`${folder}/none`)),
      noDirectory: tried(() => readdirSync(`${folder}/file`)),
      link: readlinkSync(`${folder}/link`),
      noLink: tried(() => readlinkSync(`${folder}/file`)),
      text: readFileSync(`${folder}/file`, 'utf8'),
      missing: tried(() => readFileSync(`${folder}/none`)),
      removed: tried(() => rmSync(`${folder}/gone`)),
      removedAgain: tried(() => rmSync(`${folder}/gone`)),
      removedByForce: tried(() => rmSync(`${folder}/gone`, { force: true })),
      access: tried(() => accessSync(`${folder}/file`, constants.X_OK)),
      space: statfsSync(folder).bsize,
      constants: { O_DIRECTORY, O_NOFOLLOW },
    };
  },
  texts: () =>
    readdirSync(args[0]!).map((name) => [name, readFileSync(`${args[0]}/${name}`, 'utf8')]),
  scan: () => foundIn(args[0]!, Number(args[1])),
  remove: () => removedIn(args[0]!, args[1]!, args[2]!),
  // The length of a record, and of the name in it, where there is room for 48 bytes.
  records: () => {
    const folder = host.open('/', host.O_DIRECTORY, 0);
    const lengths = [0, 40, 47, 48, 56, 2 ** 32 - 8].map((length) => Uint32Array.of(length, 0));
    return [...lengths, Uint32Array.of(48, 1), Uint32Array.of(48, 65535)].map((head) => {
      const bytes = new Uint8Array(48);
      bytes.set(new Uint8Array(head.buffer));
      return [host.removeUnchanged(folder, bytes), host.removeUnchanged(folder, bytes.subarray(1))];
    });
  },
  // While one directory is being read, another one, and then both further.
  scans: () => {
    const [one, other] = [0, 1].map(() => host.open(args[0]!, host.O_DIRECTORY, 0));
    const out = new Uint8Array(8192);
    const scanned = (fd: number): number => host.scan(fd, 0, '0123456789.', out);
    const begun = [scanned(one!) > 0, scanned(other!) > 0, scanned(one!)];
    let length: number;
    do length = scanned(other!);
    while (length > 0);
    return [...begun, length, scanned(one!)];
  },
  run: () => {
    const { program, args: words, input = 0, ...options } = JSON.parse(args[0]!);
    const given = new TextEncoder().encode('x'.repeat(input));
    const ended = thisProcess.run(program, words, { maxOutput: 1 << 20, ...options, input: given });
    const [stdout, stderr] = [ended.stdout, ended.stderr].map((b) => new TextDecoder().decode(b));
    return { ...ended, stdout, stderr };
  },
  // An aio_fsync that is done, and one that is refused at once.
  background: () => [libc().aioFsync(Number(args[0]))?.(), libc().aioFsync(999)?.()],
  numbers: () => [2n ** 64n + 1n, -(1n << 70n), BigInt('0xffffffffffffffff')].map(String),
  functions,
  collect,
  starve,
  opened: () => host.open('/', 0, 0),
  spawnClosed: () => host.spawn(0, -1, 2, '/bin/true'),
  throwLong: () => {
    throw new Error(`${args[0]!}${'\u20ac'.repeat(300)}`);
  },
  throw: () => {
    throw new Error('nobody "catches" this');
  },
  reject: () => Promise.reject(new Error('nobody awaits this')),
  deep: () => {
    const deep = (n: number): number => (n === 0 ? 0 : 1 + deep(n - 1));
    return tried(() => deep(1e7));
  },
  memory: () => {
    const kept: Uint8Array[] = [];
    for (;;) kept.push(new Uint8Array(1 << 20).fill(1));
  },
  nothing: () => new Promise(() => {}),
};

const done = await THINGS[what]!();
const text = new TextEncoder().encode(JSON.stringify(done));
for (let at = 0; at < text.length;) at += libc().write(1, text.subarray(at), text.length - at);
thisProcess.exit(0);
