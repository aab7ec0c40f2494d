/**
 * Waiting for a lease lock: in the kernel, until a deadline, and whatever the program does with
 * SIGALRM.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { IpamError } from '../../src/ipam/policy/errors.ts';
import { takeLock } from '../../src/ipam/store/lock.ts';
import { eventually, PATIENCE } from '../harness/eventually.ts';
import type { RuntimeCase } from '../harness/case.ts';
import type { Teardown } from '../harness/namespace.ts';

function lockFile(t: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return join(folder, 'lock');
}

/** Another program that holds the lock until it is told to end. */
async function holder(file: string): Promise<() => Promise<unknown>> {
  const child = spawn('flock', [file, 'sh', '-c', 'echo held; read end']);
  await once(child.stdout, 'data');
  return () => {
    child.stdin.end();
    return once(child, 'exit');
  };
}

const refusal = (file: string, timeout: number): { error: IpamError; waited: number } => {
  const started = performance.now();
  try {
    takeLock(file, timeout).release();
  } catch (error) {
    assert.ok(error instanceof IpamError, String(error));
    return { error, waited: performance.now() - started };
  }
  throw new Error('the lock was had');
};

/** Answers with its process id, then waits for the lock. */
const WAITER = `
  import { writeSync } from 'node:fs';
  import { takeLock } from '${join(import.meta.dirname, '../../src/ipam/store/lock.ts')}';
  writeSync(1, String(process.pid));
  takeLock(process.argv.at(-1), ${PATIENCE}).release();
`;

export const cases: RuntimeCase[] = [
  {
    title: 'lock: a waiter gives up at its deadline, names the holder, and can wait again',
    async run(t) {
      const file = lockFile(t);
      const end = await holder(file);
      for (const timeout of [0, 150, 30]) {
        const { error, waited } = refusal(file, timeout);
        assert.equal(error.code, 'lock');
        assert.match(error.details!, /held by pid \d+ \((flock|sh)/);
        assert.ok(waited >= timeout && waited < timeout + PATIENCE, `${waited} ms of ${timeout}`);
      }
      await end();
      takeLock(file, 10_000).release();
    },
  },
  {
    title: 'lock: a waiter sleeps in the kernel, where flock(2) lets one in after the other',
    async run(t) {
      const file = lockFile(t);
      const lock = takeLock(file, 0);
      const runtime = 'Bun' in globalThis ? ['-e', WAITER] : ['--input-type=module', '-e', WAITER];
      const waiter = spawn(process.execPath, [...runtime, '--', file]);
      const ended = once(waiter, 'exit');
      const pid = String((await once(waiter.stdout, 'data'))[0]);
      const blocked = new RegExp(`-> FLOCK +ADVISORY +WRITE ${pid} `);
      const locks = eventually(
        () => readFileSync('/proc/locks', 'utf8'),
        (text) => blocked.test(text),
      );
      assert.match(locks, blocked, 'the waiter is not in /proc/locks');
      lock.release();
      assert.deepEqual(await ended, [0, null]);
    },
  },
  {
    title: 'lock: a listener for SIGALRM is there after a wait as before',
    async run(t) {
      const file = lockFile(t);
      const lock = takeLock(file, 0);
      let came = 0;
      const listener = (): void => void came++;
      process.on('SIGALRM', listener);
      refusal(file, 50);
      const before = came;
      process.kill(process.pid, 'SIGALRM');
      while (came === before) await new Promise((resolve) => setTimeout(resolve, 5));
      process.off('SIGALRM', listener);
      lock.release();
    },
  },
  {
    title: 'lock: a worker thread, which no timer interrupts, keeps its deadline too',
    async run(t) {
      const file = lockFile(t);
      const lock = takeLock(file, 0);
      const source = `
        const { parentPort, workerData } = require('node:worker_threads');
        import(workerData.module).then(({ takeLock }) => {
          try { takeLock(workerData.file, 100); } catch (error) { parentPort.postMessage(error.message); }
        });`;
      const module = join(import.meta.dirname, '../../src/ipam/store/lock.ts');
      const worker = new Worker(source, { eval: true, workerData: { module, file } });
      const [message] = (await once(worker, 'message')) as [string];
      assert.match(message, /not free after 0.1 s$/);
      lock.release();
      await worker.terminate();
    },
  },
];
