/**
 * A large routing table: how fast it is filled and read, beside `ip` and beside a loop that only
 * receives, and how much memory a streamed dump takes.
 *
 *     npm run bench:dump [-- ROUTES]      as root
 *     npm run uml -- node bench/dump.ts   in user-mode Linux
 *
 * Everything happens in a network namespace that is removed at the end. Each reading runs in a
 * process of its own, on Node and on Bun: the best of several passes, and the peak of its memory.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { deadlineIn } from '../src/sys/deadline.ts';
import { viewOf } from '../src/netlink/codec/bytes.ts';
import { LITTLE_ENDIAN } from '../src/netlink/codec/bytes.ts';
import { NLM_F_DUMP, NLM_F_REQUEST, NLMSG_DONE } from '../src/netlink/constants.ts';
import { encode } from '../src/netlink/codec/frame.ts';
import { createNamespace, deleteNamespace } from '../src/netlink/namespace.ts';
import { open, type Rtnl } from '../src/rtnl/open.ts';
import { rtnetlink } from '../src/rtnl/rtnetlink.ts';
import { addRoute, listRoutes } from '../src/rtnl/route/verbs.ts';

const BUN = resolve(import.meta.dirname, '../node_modules/.bin/bun');
const PASSES = 15;
/** Length of an NLMSG_DONE with its result and nothing else. */
const DONE_LENGTH = 20;
/** A tenth of the routes, and all of them. */
const SMALL = 1000;
const LARGE = 1001;

const destination = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`;

type Reading = (rt: Rtnl, table: number) => number;

/** The ways of reading a table; each returns how many routes (or bytes) it saw. */
const READINGS: Readonly<Record<string, Reading>> = {
  'bare recv loop, nothing decoded': bare,
  'streamed (connection.dump)': (rt, table) =>
    count(rt.dump(listRoutes({ family: 'inet', table }))),
  'streamed, flat (routes.dump)': (rt, table) => count(rt.routes.dump({ family: 'inet', table })),
  'as an array (routes.list)': (rt, table) => rt.routes.list({ family: 'inet', table }).length,
};

function count(objects: Iterable<unknown>): number {
  let n = 0;
  for (const _ of objects) n++;
  return n;
}

/** Looks at nothing but the end of each datagram. */
function bare({ socket }: Rtnl, table: number): number {
  const { value, type } = listRoutes({ family: 'inet', table });
  const name = rtnetlink.typeName(type);
  const request = encode(rtnetlink, { type: name, flags: [], seq: 1, pid: 0, payload: value });
  viewOf(request).setUint16(6, NLM_F_REQUEST | NLM_F_DUMP, LITTLE_ENDIAN);
  socket.send(request);
  for (let bytes = 0; ;) {
    const view = viewOf(socket.receive(deadlineIn(10_000)));
    bytes += view.byteLength;
    const last = view.byteLength - DONE_LENGTH;
    if (last >= 0 && view.getUint16(last + 4, LITTLE_ENDIAN) === NLMSG_DONE) return bytes;
  }
}

/** One reading, in a process of its own. */
function measure(name: string, netns: string, table: number): void {
  using rt = open({ netns });
  const times: number[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    const start = performance.now();
    READINGS[name]!(rt, table);
    times.push(performance.now() - start);
  }
  const rss = process.resourceUsage().maxRSS;
  console.log(JSON.stringify({ ms: Math.min(...times), first: times[0], rss }));
}

interface Measured {
  readonly ms: number;
  readonly first: number;
  /** Peak resident memory in KiB. */
  readonly rss: number;
}

function inProcess(runtime: string, name: string, netns: string, table: number): Measured {
  const args = [import.meta.filename, '--measure', name, netns, String(table)];
  const { stdout, stderr, status } = spawnSync(runtime, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${runtime} ${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout) as Measured;
}

const per = (n: number, ms: number): string =>
  `${Math.round((n / ms) * 1000).toLocaleString('en')}/s`;

function fill(rt: Rtnl, table: number, routes: number): void {
  const { index: oif } = rt.links.get('bench0');
  const specs = Array.from({ length: routes }, (_, i) => ({ dst: destination(i), oif, table }));
  const start = performance.now();
  const failed = rt.batch(specs.map(addRoute)).find(({ error }) => error !== undefined);
  const ms = performance.now() - start;
  if (failed?.error !== undefined) throw failed.error;
  console.log(`insert ${routes} routes, batches of ours: ${ms.toFixed(0)} ms, ${per(routes, ms)}`);
}

function fillWithIp(netns: string, table: number, routes: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'bench-dump-'));
  try {
    const file = join(folder, 'routes');
    const line = (_: unknown, i: number): string =>
      `route add ${destination(i)} dev bench0 table ${table}\n`;
    writeFileSync(file, Array.from({ length: routes }, line).join(''));
    const ms = timed('ip', '-n', netns, '-batch', file);
    console.log(`insert ${routes} routes, ip -batch: ${ms.toFixed(0)} ms, ${per(routes, ms)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Milliseconds that a program takes, its output discarded. */
function timed(command: string, ...args: readonly string[]): number {
  const nowhere = openSync('/dev/null', 'w');
  const start = performance.now();
  const { status } = spawnSync(command, args, { stdio: ['ignore', nowhere, 'inherit'] });
  const ms = performance.now() - start;
  closeSync(nowhere);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}`);
  return ms;
}

function compare(routes: number): void {
  const netns = `bench-${process.pid}`;
  createNamespace(netns).close();
  try {
    using rt = open({ netns });
    // A pair, which every kernel has; a dummy would do.
    const data = { peer: { ifname: 'bench1' } };
    rt.links.add({ ifname: 'bench0', kind: 'veth', data, flags: ['up'] });
    rt.links.set('bench1', { flags: ['up'] });
    fillWithIp(netns, SMALL, routes / 10);
    fill(rt, LARGE, routes);

    const args = ['-n', netns, '-j', 'route', 'show', 'table', String(LARGE)];
    const ip = Math.min(...Array.from({ length: 3 }, () => timed('ip', ...args)));
    console.log(
      `\nread ${routes} routes (best of ${PASSES} passes; the first one; peak memory with ${routes / 10} and with all)`,
    );
    console.log(`  ip -j route > /dev/null: ${ip.toFixed(0)} ms`);
    for (const runtime of [process.execPath, BUN].filter((path) => existsSync(path))) {
      console.log(`  ${runtime === BUN ? 'Bun' : `Node ${process.versions.node}`}`);
      let floor = 0;
      for (const name of Object.keys(READINGS)) {
        const small = inProcess(runtime, name, netns, SMALL);
        const { ms, first, rss } = inProcess(runtime, name, netns, LARGE);
        floor ||= ms;
        const times = `${ms.toFixed(0).padStart(5)} ms, ×${(ms / floor).toFixed(2)}, first ${first.toFixed(0)} ms`;
        const memory = `${(small.rss / 1024).toFixed(0)} MiB, ${(rss / 1024).toFixed(0)} MiB`;
        console.log(`    ${name.padEnd(33)}${times}; ${memory}`);
      }
    }
  } finally {
    deleteNamespace(netns);
  }
}

const [mode, ...words] = process.argv.slice(2);
if (mode === '--measure') measure(words[0]!, words[1]!, Number(words[2]));
else compare(Number(mode ?? 100_000));
