/**
 * The driver as an executable on the engine of the plugins, and a way to run it and to kill it at a
 * chosen file operation.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeExecutable } from '../../../scripts/engine/executable.ts';
import type { Arch } from '../../../scripts/engine/objects.ts';
import { REFERENCE } from '../../../scripts/reference.ts';

const DRIVER = join(import.meta.dirname, 'driver-engine.ts');

/**
 * System calls that change what is on the disk or who holds the lock; between two of them nothing
 * changes.
 */
const CHANGES =
  'openat,linkat,unlinkat,renameat2,pwrite64,write,utimensat,fsync,fchmod,mkdirat,flock';

/** The `ordinal`-th call of one kind in a run. */
export interface KillPoint {
  readonly call: string;
  readonly ordinal: number;
}

export interface Call {
  readonly command: 'ADD' | 'DEL' | 'CHECK' | 'STATUS' | 'GC';
  readonly containerId: string;
  readonly network: object;
}

export interface Outcome {
  readonly isKilled: boolean;
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface DriverProcess {
  /** A folder for data, removed by `close`. */
  readonly folder: string;
  readonly executable: string;
  run(call: Call): Outcome;
  /** The points at which this call, made now, could be killed. The call is carried out. */
  trace(call: Call): KillPoint[];
  kill(call: Call, point: KillPoint): Outcome;
  /** The system call at this point is not carried out and answers with the error. */
  fail(call: Call, point: KillPoint, errno: string): Outcome;
  close(): void;
}

export function driverProcess(): DriverProcess {
  const folder = mkdtempSync(join(tmpdir(), 'ipam-faults-'));
  const executable = join(folder, 'driver');
  const log = join(folder, 'trace');
  makeExecutable(DRIVER, executable, process.arch as Arch);
  const traced = (extra: string[], call: Call): Outcome =>
    start('strace', ['-f', '-o', log, '-e', `trace=${CHANGES}`, ...extra, executable], call);
  return {
    folder,
    executable,
    run: (call) => start(executable, [], call),
    trace: (call) => {
      const outcome = traced([], call);
      if (outcome.status !== 0)
        throw new Error(`${call.command}: ${outcome.output}${outcome.errors}`);
      return pointsOf(readFileSync(log, 'utf8'));
    },
    kill: (call, { call: name, ordinal }) =>
      traced(['-e', `inject=${name}:signal=SIGKILL:when=${ordinal}`], call),
    fail: (call, { call: name, ordinal }, errno) =>
      traced(['-e', `inject=${name}:error=${errno}:when=${ordinal}`], call),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Opening a file changes something only where it may make one. */
const CHANGING = /^(?!openat)|O_CREAT/;

function pointsOf(log: string): KillPoint[] {
  const seen = new Map<string, number>();
  return [...log.matchAll(/^\d+ +((\w+)\(.*)/gm)].flatMap(([, line, call]) => {
    const ordinal = (seen.get(call!) ?? 0) + 1;
    seen.set(call!, ordinal);
    return CHANGING.test(line!) ? [{ call: call!, ordinal }] : [];
  });
}

function start(program: string, args: string[], call: Call): Outcome {
  const env = {
    PATH: process.env['PATH'] ?? '',
    CNI_COMMAND: call.command,
    CNI_CONTAINERID: call.containerId,
    CNI_IFNAME: 'eth0',
    CNI_NETNS: '/x',
    CNI_PATH: REFERENCE,
    GC_STARTS_LATER: '1000',
  };
  const input = JSON.stringify(call.network);
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    env,
    input,
    encoding: 'utf8',
  });
  if (error) throw error;
  return { isKilled: signal === 'SIGKILL', status, output: stdout, errors: stderr };
}
