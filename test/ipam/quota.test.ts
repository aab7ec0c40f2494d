/**
 * A disk quota that is used up (EDQUOT), at every file operation in turn. Neither kernel has quotas
 * at hand, so strace(1) makes the system call of a real process fail; a disk that is really full is
 * in directory-faults.test.ts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { checkLeases } from '../../src/ipam/index.ts';
import { driverProcess, type Call, type DriverProcess, type KillPoint } from './faults/process.ts';

const traceable = spawnSync('strace', ['-V']).error ? test.skip : test;

interface Place {
  readonly driver: DriverProcess;
  readonly call: (command: Call['command'], containerId: string) => Call;
  /** Lease files with their content. */
  leases(): string[];
  /** The points of a call that change a file; flock(2) takes no space. */
  points(call: Call): KillPoint[];
  clear(): void;
}

function place(t: ExecutionContext): Place {
  const driver = driverProcess();
  t.teardown(driver.close);
  const dataDir = join(driver.folder, 'data');
  const path = join(dataDir, 'net');
  const ipam = {
    dataDir,
    sticky: true,
    cooldown: 1,
    ranges: [[{ subnet: '10.7.0.0/24' }], [{ subnet: '2001:db8::/112' }]],
  };
  const network = { name: 'net', cniVersion: '1.1.0', ipam, 'cni.dev/valid-attachments': [] };
  return {
    driver,
    call: (command, containerId) => ({ command, containerId, network }),
    leases: () =>
      (existsSync(path) ? readdirSync(path) : [])
        .filter((name) => /^[12]/.test(name))
        .sort()
        .map((name) => readFileSync(join(path, name), 'utf8')),
    points: (call) => driver.trace(call).filter(({ call: name }) => name !== 'flock'),
    clear: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

traceable(
  'quota: an ADD that hits it at any operation is an error that takes nothing, or is complete',
  (t) => {
    const { driver, call, leases, points, clear } = place(t);
    const found = points(call('ADD', 'a'));
    let refused = 0;
    for (const point of found) {
      clear();
      const outcome = driver.fail(call('ADD', 'a'), point, 'EDQUOT');
      const where = `${point.call} ${point.ordinal}: ${outcome.output}${outcome.errors}`;
      // The answer itself is no file: that it cannot be written is for the frame around the
      // command.
      if (outcome.status === 0) t.deepEqual(leases(), ['a\r\neth0', 'a\r\neth0'], where);
      else if (/"EDQUOT: [a-z ]+, write"/.test(outcome.output)) continue;
      else {
        refused++;
        t.regex(outcome.output, /"code":"store"/, where);
        t.regex(outcome.output, /disk quota exceeded/, where);
        t.deepEqual(leases(), [], where);
      }
      // The quota was raised: what could not be done before is done now.
      if (outcome.status !== 0) t.is(driver.run(call('ADD', 'a')).status, 0, where);
      t.deepEqual(checkLeases(join(driver.folder, 'data'), 'net'), [], where);
    }
    t.true(refused >= 8, `${refused} of ${found.length}`);
  },
);

traceable('quota: a DEL that hits it frees all the same, and other leases stay', (t) => {
  const { driver, call, leases, points, clear } = place(t);
  for (const id of ['a', 'b']) driver.run(call('ADD', id));
  for (const point of points(call('DEL', 'a'))) {
    clear();
    for (const id of ['a', 'b']) driver.run(call('ADD', id));
    const outcome = driver.fail(call('DEL', 'a'), point, 'EDQUOT');
    const where = `${point.call} ${point.ordinal}: ${outcome.output}${outcome.errors}`;
    if (outcome.status !== 0) {
      t.regex(outcome.output, /disk quota exceeded/, where);
      t.is(driver.run(call('DEL', 'a')).status, 0, where);
    }
    t.deepEqual(leases(), ['b\r\neth0', 'b\r\neth0'], where);
  }
});
