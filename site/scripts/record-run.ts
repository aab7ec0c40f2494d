/**
 * Records one ADD and one DEL, on whichever kernel this process is on: the plugin runs under
 * strace(1), and each of its messages is then sent once more, alone, in fresh namespaces, so that
 * the state after each of them is known and not only that after a whole datagram. In the end both
 * pairs of namespaces must be the same.
 *
 * `record.ts` starts it here or inside user-mode Linux, with the scenes as one JSON argument, and
 * reads one line of JSON from it.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { spawnSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { fromHex, toHex, viewOf } from '../../src/netlink/codec/bytes.ts';
import { decode, encode, frames, type Frame } from '../../src/netlink/codec/frame.ts';
import { toJson } from '../../src/netlink/codec/json.ts';
import { openSocket } from '../../src/netlink/socket.ts';
import { VERSION } from '../../src/version.ts';
import { createNamespace, type Namespace as Netns } from '../../test/harness/namespace.ts';
import { program, SYSTEM_PATH } from '../../test/harness/program.ts';
import type { Call, Link, Namespace, Recording, Side, State, Step } from '../lib/recording.ts';
import { protocolOf } from './recording-form.ts';
import type { Scene } from './scenes.ts';

/** Built by `record.ts`. */
const BINARIES = resolve(import.meta.dirname, '../../dist/cni/bin');
const BATCH_BEGIN = 16;
const BATCH_END = 17;
const NUMBERS: Readonly<Record<string, number>> = { NETLINK_ROUTE: 0, NETLINK_NETFILTER: 12 };

/** Namespaces, and what is in them beside the kernel's state. */
interface Stage {
  readonly host: Netns;
  readonly container: Netns;
  leases: Set<string>;
  readonly settings: Record<Side, Map<string, string>>;
}

function record({ plugin, setup, config }: Scene): Recording {
  const scratch = mkdtempSync(join(tmpdir(), 'record-'));
  const [real, replayed] = [stage(setup), stage(setup)];
  try {
    const binary = join(BINARIES, plugin);
    const dataDir = join(scratch, 'leases');
    const given = { ...config, ipam: { ...(config['ipam'] as object), dataDir } };
    const calls = (['ADD', 'DEL'] as const).map((command): Call => {
      const logs = join(scratch, command);
      const { status, stdout, stderr } = real.host.run(() =>
        spawnSync('strace', [...STRACE, '-o', logs, binary], {
          encoding: 'utf8',
          input: JSON.stringify(given),
          env: {
            PATH: SYSTEM_PATH,
            CNI_COMMAND: command,
            CNI_CONTAINERID: 'web',
            CNI_NETNS: real.container.path,
            CNI_IFNAME: 'eth0',
            CNI_PATH: BINARIES,
          },
        }),
      );
      assert.equal(status, 0, `${command}: ${stdout}${stderr}`);
      const steps = stepsOf(readLogs(scratch, command), real.container.path, dataDir);
      const before = stateOf(replayed);
      const told = replay(replayed, steps, before);
      real.leases = new Set(replayed.leases);
      for (const side of ['host', 'container'] as const) {
        for (const [key, value] of replayed.settings[side]) real.settings[side].set(key, value);
      }
      assert.deepEqual(stateOf(replayed), stateOf(real), `${command} by single messages`);
      return { command, before, steps: told, output: stdout };
    });
    const text = JSON.stringify({
      kernel: /^\d+\.\d+(\.\d+)?/.exec(release())![0],
      version: VERSION,
      setup,
      config,
      calls,
    });
    return JSON.parse(text.replaceAll(real.container.path, '/run/netns/web')) as Recording;
  } finally {
    for (const { host, container } of [real, replayed]) {
      host.remove();
      container.remove();
    }
    rmSync(scratch, { recursive: true });
  }
}

function stage(setup: readonly string[]): Stage {
  const [host, container] = [createNamespace(), createNamespace()];
  for (const line of setup) host.exec('sh', '-ec', line);
  const settings = { host: new Map<string, string>(), container: new Map<string, string>() };
  return { host, container, leases: new Set(), settings };
}

const STRACE = [
  ...['-ff', '-ttt', '-s', '256', '-e', 'quiet=all', '-e', 'read=all', '-e', 'write=all'],
  ...['-e', 'trace=socket,setns,openat,close,read,write,sendto,recvfrom,linkat,unlinkat'],
];

/** The calls of all threads in the order of their beginnings, each with its bytes. */
interface Line {
  readonly time: number;
  readonly text: string;
  hex: string;
}

function readLogs(folder: string, prefix: string): Line[] {
  const files = readdirSync(folder).filter((name) => name.startsWith(`${prefix}.`));
  const lines = files.flatMap((name) => {
    const found: Line[] = [];
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
      const dump = /^ \| [0-9a-f]+ {2}((?:[0-9a-f]{2} {1,2}){1,16})/.exec(line);
      if (dump !== null) found.at(-1)!.hex += dump[1]!.replaceAll(' ', '');
      const call = /^([\d.]+) (.*)/.exec(line);
      if (call !== null) found.push({ time: Number(call[1]), text: call[2]!, hex: '' });
    }
    return found;
  });
  return lines.sort((a, b) => a.time - b.time);
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Message = Writable<Extract<Step, { kind: 'message' }>> & { answers: string[] };

/** What a call says to the kernel and writes, in order. */
function stepsOf(lines: readonly Line[], container: string, dataDir: string): Step[] {
  const steps: Step[] = [];
  const asked = new Map<string, Message>();
  const sockets = new Map<number, { protocol: string; side: Side }>();
  const files = new Map<number, string>();
  let side: Side = 'host';
  let datagram = 0;
  for (const { text, hex } of lines) {
    const opened = /^openat\([^,]+, "([^"]*)".* = (\d+)$/.exec(text);
    if (opened !== null) files.set(Number(opened[2]), opened[1]!);
    const entered = /^setns\((\d+),.* = 0$/.exec(text);
    if (entered !== null) side = files.get(Number(entered[1])) === container ? 'container' : 'host';
    const socket = /^socket\(AF_NETLINK, [^,]+, (\w+)\) = (\d+)$/.exec(text);
    if (socket !== null) sockets.set(Number(socket[2]), { protocol: socket[1]!, side });
    const closed = /^close\((\d+)\) /.exec(text);
    if (closed !== null) {
      sockets.delete(Number(closed[1]));
      files.delete(Number(closed[1]));
    }
    const lease = /^(linkat|unlinkat)\(.*"([^"]*)", 0\) = 0$/.exec(text);
    if (lease?.[2]!.startsWith(`${dataDir}/mynet/`)) {
      const kind = lease[1] === 'linkat' ? 'lease' : 'release';
      steps.push({ kind, side: 'host', subject: lease[2]!.split('/').at(-1)! });
    }
    const call = /^(sendto|write|recvfrom)\((\d+),/.exec(text);
    // A call that failed, or that the kernel restarts by itself, will come again.
    if (call === null || text.includes('MSG_PEEK') || !/ = \d+$/.test(text)) continue;
    const found = sockets.get(Number(call[2]));
    if (found === undefined) {
      const path = files.get(Number(call[2]));
      if (call[1] !== 'write' || !path?.startsWith('/proc/sys/')) continue;
      const value = Buffer.from(hex, 'hex').toString().trim();
      const key = path.slice('/proc/sys/'.length);
      steps.push({ kind: 'setting', side, subject: `${key} = ${value}` });
      continue;
    }
    const bytes = fromHex(hex);
    if (call[1] !== 'recvfrom') datagram++;
    for (const { header, at, end } of frames(viewOf(bytes))) {
      const message = toHex(bytes.subarray(at, end));
      const key = `${found.protocol}:${found.side}:${header.seq}`;
      if (call[1] !== 'recvfrom') {
        const step: Message = { kind: 'message', ...found, datagram, hex: message, answers: [] };
        steps.push(step);
        asked.set(key, step);
      } else if (header.seq === 0) steps.push({ kind: 'notification', ...found, hex: message });
      else asked.get(key)!.answers.push(message);
    }
  }
  return steps;
}

/** Sends each message alone, and tells the state after it where it is another one. */
function replay(stage: Stage, steps: readonly Step[], before: State): Step[] {
  let state = before;
  let batch: string[] = [];
  return steps.map((step): Step => {
    if (step.kind === 'notification') return step;
    if (step.kind === 'message') {
      const [frame] = frames(viewOf(fromHex(step.hex)));
      const { type } = frame!.header;
      if (step.protocol === 'NETLINK_NETFILTER' && type === BATCH_BEGIN) batch = [''];
      if (batch.length > 0) {
        batch.push(step.hex);
        if (type !== BATCH_END) return step;
        send(stage, step.side, step.protocol, batch.join(''));
        batch = [];
      } else {
        send(stage, step.side, step.protocol, step.hex);
      }
    } else if (step.kind === 'lease') stage.leases.add(step.subject);
    else if (step.kind === 'release') stage.leases.delete(step.subject);
    else {
      const [key, value] = step.subject.split(' = ');
      stage[step.side].run(() => writeFileSync(`/proc/sys/${key}`, value!));
      stage.settings[step.side].set(key!, value!);
    }
    const next = stateOf(stage);
    if (isDeepStrictEqual(next, state)) return step;
    state = next;
    return { ...step, state };
  });
}

function send(stage: Stage, side: Side, protocol: string, hex: string): void {
  stage[side].run(() => {
    const bytes = inOtherNamespace(stage, protocol, fromHex(hex));
    using socket = openSocket(NUMBERS[protocol]!);
    socket.send(bytes);
  });
}

/** The descriptor of the container's namespace is another one here. */
function inOtherNamespace({ container }: Stage, protocol: string, bytes: Uint8Array): Uint8Array {
  if (protocol !== 'NETLINK_ROUTE') return bytes;
  const frame = toJson(decode(protocolOf(protocol), bytes)[0]!) as unknown as Frame;
  let found = false;
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const attributes = value as Record<string, unknown>;
    if ('netNsFd' in attributes) {
      attributes['netNsFd'] = openSync(container.path, 'r');
      found = true;
    }
    Object.values(attributes).forEach(visit);
  };
  visit(frame);
  return found ? encode(protocolOf(protocol), frame) : bytes;
}

const stateOf = ({ host, container, leases, settings }: Stage): State => ({
  host: namespaceOf(host, settings.host),
  container: namespaceOf(container, settings.container),
  leases: [...leases].sort(),
});

interface LinkRow {
  ifname: string;
  flags: string[];
  master?: string;
  linkinfo?: {
    info_kind?: string;
    info_data?: Record<string, unknown>;
    info_slave_data?: Record<string, unknown>;
  };
  addr_info: { family: string; local: string; prefixlen: number; scope: string }[];
}

function namespaceOf(namespace: Netns, settings: ReadonlyMap<string, string>): Namespace {
  const rows = namespace.ip<LinkRow[]>('-d', 'addr', 'show');
  const lines = (...words: string[]): string[] =>
    namespace
      .run(() => program(words[0]!, ...words.slice(1)).stdout)
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => line.trimEnd());
  const routes = [...lines('ip', 'route'), ...lines('ip', '-6', 'route')]
    .filter((line) => !/^(fe80|ff00)::/.test(line))
    .map((line) =>
      line
        .replaceAll(/ (linkdown|pref medium)\b/g, '')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    );
  return {
    links: rows.map(linkOf),
    routes,
    rules: lines('nft', '-s', 'list', 'ruleset'),
    settings: [...settings].map(([key, value]) => `${key} = ${value}`),
  };
}

function linkOf({ ifname, flags, master, linkinfo, addr_info }: LinkRow): Link {
  const kind = linkinfo?.info_kind ?? (flags.includes('LOOPBACK') ? 'loopback' : 'link');
  const { info_data: data = {}, info_slave_data: port = {} } = linkinfo ?? {};
  const notes = [
    ...(kind === 'ipvlan' ? [`mode ${data['mode']}`] : []),
    ...(port['isolated'] === true ? ['isolated'] : []),
    ...(port['hairpin'] === true ? ['hairpin'] : []),
  ];
  const addresses = addr_info
    .filter(({ scope }) => scope !== 'link')
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`);
  return {
    name: ifname,
    kind,
    up: flags.includes('UP'),
    ...(master !== undefined && { master }),
    notes,
    addresses,
  };
}

if (import.meta.main) {
  const scenes = JSON.parse(process.argv[2]!) as Scene[];
  console.log(JSON.stringify(scenes.map(record)));
}
