/**
 * `npm run bench:instructions`: how many instructions our `bridge` executes outside of the kernel,
 * from start to exit, by callgrind (valgrind). The count is the same on a busy machine as on a
 * quiet one, so it shows a change of one per cent, which times do not.
 *
 * Go's runtime does not run under valgrind, so there is nothing to compare with.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildCni } from '../scripts/build-cni.ts';
import { cniEnvironment } from '../scripts/cni-runtime.ts';
import { requirePackages } from '../scripts/debian.ts';
import { requireHostKernel } from '../scripts/host-kernel.ts';
import { createNamespace, type Namespace } from '../test/harness/namespace.ts';
import { callFor, prepare, type Program, timeOf } from './attach.ts';
import { emptyExecutable } from './floor.ts';

const OURS = resolve(import.meta.dirname, '../dist/cni/bin/bridge');
/** Instructions of one call under callgrind, which leaves its counts in `folder`. */
function counted(
  binary: string,
  { host, network }: Program,
  command: Parameters<typeof callFor>[0],
  container: Namespace,
  folder: string,
): number {
  const counts = join(folder, 'counts');
  const options = ['--tool=callgrind', `--callgrind-out-file=${counts}`];
  const { status, stdout, stderr } = host.run(() =>
    spawnSync('valgrind', [...options, binary], {
      input: JSON.stringify(network),
      env: cniEnvironment(binary, callFor(command, container)),
      encoding: 'utf8',
      timeout: 120_000,
      killSignal: 'SIGKILL',
    }),
  );
  if (status !== 0) throw new Error(`${command} under callgrind: ${stdout}${stderr}`);
  return Number(/^(?:totals|summary): (\d+)/m.exec(readFileSync(counts, 'utf8'))![1]);
}

const millions = (instructions: number): string => (instructions / 1e6).toFixed(2).padStart(8);

try {
  requirePackages('iproute2', 'valgrind');
  buildCni();
  await requireHostKernel('in user-mode Linux valgrind does not run');
  const folder = mkdtempSync(join(tmpdir(), 'bench-instructions-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const leases = mkdtempSync(join(folder, 'leases-'));
  const counts = mkdtempSync(join(folder, 'counts-'));
  const ours = prepare('ours', OURS, leases, { masquerade: false, dualStack: false });
  const container = createNamespace();
  // Makes the bridge and the lease directory.
  for (const command of ['ADD', 'DEL'] as const) timeOf(ours, command, container);
  console.log('millions of instructions outside of the kernel');
  const print = (title: string, instructions: number): void =>
    console.log(`${millions(instructions)}  ${title}`);
  print('an empty compiled file', counted(emptyExecutable(), ours, 'VERSION', container, counts));
  for (const command of ['VERSION', 'ADD', 'DEL'] as const) {
    print(command, counted(OURS, ours, command, container, counts));
  }
  // Counts the second attachment: the first makes table, set and rule.
  const masked = prepare('masked', OURS, leases, { masquerade: true, dualStack: false });
  timeOf(masked, 'ADD', createNamespace());
  for (const command of ['ADD', 'DEL'] as const) {
    print(`${command} with ipMasq`, counted(OURS, masked, command, container, counts));
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
