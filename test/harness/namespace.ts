/**
 * Network namespaces for tests: made in this process with unshare(2), kept by a bind mount under
 * /run/netns as ip-netns(8) does, so that `ip -n NAME` finds them too.
 *
 * Namespaces belong to threads. Everything here is synchronous, on the main thread, and back in the
 * namespace it came from before it returns.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  unlinkSync,
} from 'node:fs';
import { libc } from '../../src/sys/libc.ts';
import { resetSettings } from './baseline.ts';
import { outputOf } from './program.ts';

const DIRECTORY = '/run/netns';
const PREFIX = 'netlink-ts-';
const SELF = '/proc/self/ns/net';
/** include/uapi/linux/sched.h, include/uapi/linux/mount.h */
const CLONE_NEWNET = 0x40000000;
const MS_BIND = 4096;
const MS_REC = 16384;
const MS_SHARED = 1 << 20;
const MNT_DETACH = 2;

/** One object of `ip -j`, `bridge -j` or `nft -j`. */
export type Row = Record<string, unknown>;

export interface Namespace {
  readonly name: string;
  readonly path: string;
  /**
   * Runs a synchronous function with this thread inside the namespace. Programs it starts are
   * inside too.
   */
  run<T>(body: () => T): T;
  /** `ip -j ARGS…` inside, parsed; no rows when it prints nothing. */
  ip<T = Row[]>(...args: string[]): T;
  /** `bridge -j ARGS…` inside, parsed. */
  bridge<T = Row[]>(...args: string[]): T;
  /** `nft -j ARGS…` inside: the rows of its `nftables` list. */
  nft<T = Row[]>(...args: string[]): T;
  /** Any program inside: its standard output, or an error with its words. */
  exec(command: string, ...args: string[]): string;
  /**
   * Takes the name away; the kernel frees the namespace with its last user. Harmless when repeated.
   */
  remove(): void;
}

/** What a test offers for cleaning up: AVA's `t`, or the context of a runtime case. */
export interface Teardown {
  teardown(undo: () => void): void;
}

/** A new namespace that goes away with the test, whichever way the test ends. */
export function freshNamespace(t: Teardown): Namespace {
  const made = createNamespace();
  t.teardown(() => made.remove());
  return made;
}

/**
 * A namespace in which an IPv6 address with duplicate address detection is usable at once, and not
 * after the second in which a neighbour may answer.
 */
export function namespaceWithoutProbes(t: Teardown): Namespace {
  const made = freshNamespace(t);
  const each = '/proc/sys/net/ipv6/conf/default';
  made.exec(
    'sh',
    '-c',
    `for i in dad_transmits router_solicitation_delay; do echo 0 > ${each}/$i; done`,
  );
  return made;
}

const live = new Set<Namespace>();
let watching = false;

/** A new namespace for the caller to remove; at the latest it goes away with this process. */
export function createNamespace(): Namespace {
  const name = claimName();
  const path = `${DIRECTORY}/${name}`;
  const home = openSync(SELF, 'r');
  try {
    check('unshare', libc().unshare(CLONE_NEWNET));
    resetSettings();
    check(`mount ${path}`, libc().mount(SELF, path, 'none', MS_BIND));
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    goHome(home);
  }
  const made: Namespace = {
    name,
    path,
    run: (body) => inside(path, body),
    ip: <T>(...args: string[]) => made.run(() => json('ip', args, [])) as T,
    bridge: <T>(...args: string[]) => made.run(() => json('bridge', args, [])) as T,
    nft: <T>(...args: string[]) =>
      (made.run(() => json('nft', args, { nftables: [] })) as { nftables: T }).nftables,
    exec: (command, ...args) => made.run(() => outputOf(command, ...args)),
    remove: () => {
      if (live.delete(made)) removeByName(name);
    },
  };
  if (!watching) process.once('exit', () => live.forEach((left) => left.remove()));
  watching = true;
  live.add(made);
  return made;
}

/** Removes what was left by test processes that were killed before they could clean up. */
export function sweepNamespaces(): string[] {
  if (!existsSync(DIRECTORY)) return [];
  const stale = readdirSync(DIRECTORY).filter((name) => {
    const owner = name.startsWith(PREFIX) ? name.slice(PREFIX.length).split('-')[0] : undefined;
    return owner !== undefined && !existsSync(`/proc/${owner}`);
  });
  stale.forEach(removeByName);
  return stale;
}

/** The file that the namespace will be mounted on; creating it exclusively makes the name ours. */
function claimName(): string {
  mkdirSync(DIRECTORY, { recursive: true });
  shareDirectory();
  for (let n = 1; ; n++) {
    const name = `${PREFIX}${process.pid}-${n}`;
    try {
      closeSync(openSync(`${DIRECTORY}/${name}`, 'wx', 0o444));
      return name;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** As ip-netns(8) does, before anything is mounted below: later it would hide existing mounts. */
function shareDirectory(): void {
  const share = (): number => libc().mount('', DIRECTORY, 'none', MS_SHARED | MS_REC);
  if (share() >= 0) return;
  check(`mount ${DIRECTORY}`, libc().mount(DIRECTORY, DIRECTORY, 'none', MS_BIND | MS_REC));
  check(`share ${DIRECTORY}`, share());
}

function removeByName(name: string): void {
  libc().umount(`${DIRECTORY}/${name}`, MNT_DETACH);
  unlinkSync(`${DIRECTORY}/${name}`);
}

function inside<T>(path: string, body: () => T): T {
  const home = openSync(SELF, 'r');
  try {
    const target = openSync(path, 'r');
    try {
      check(`setns ${path}`, libc().setns(target, CLONE_NEWNET));
    } finally {
      closeSync(target);
    }
    const entered = readlinkSync(SELF);
    const result = body();
    if (result instanceof Promise) throw new Error('run: the function must be synchronous');
    if (readlinkSync(SELF) !== entered) throw new Error('run: the function left its namespace');
    return result;
  } finally {
    goHome(home);
  }
}

/** A test process that cannot return would harm the next test, or the host. */
function goHome(home: number): void {
  const result = libc().setns(home, CLONE_NEWNET);
  closeSync(home);
  if (result < 0) {
    console.error(`cannot return to the first namespace: setns: errno ${-result}`);
    process.exit(70);
  }
}

function json(command: string, args: string[], empty: unknown): unknown {
  const text = outputOf(command, '-j', ...args);
  return text.trim() === '' ? empty : (JSON.parse(text) as unknown);
}

function check(call: string, result: number): void {
  if (result >= 0) return;
  const advice = result === -1 ? ' (EPERM: needs root)' : '';
  throw new Error(`${call}: errno ${-result}${advice}`);
}
