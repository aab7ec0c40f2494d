/**
 * `node site/scripts/record.ts [NAME…]`: records the scenes of the illustrated ADD and DEL into
 * `site/recordings`. As root; those of ipvlan in user-mode Linux.
 *
 * `--check` writes nothing, and fails where a recording says something else than the plugin of
 * today: other messages, other attributes, or another end.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format } from 'prettier';
import { requirePackages } from '../../scripts/debian.ts';
import { requireHostKernel } from '../../scripts/host-kernel.ts';
import { runInUml } from '../../scripts/uml.ts';
import { ourPlugin } from '../../test/harness/plugin.ts';
import type { Recording } from '../lib/recording.ts';
import { loadRecording } from './illustrated.ts';
import { formOf } from './recording-form.ts';
import { SCENES, type Scene } from './scenes.ts';

const RECORDINGS = resolve(import.meta.dirname, '../recordings');
const RUNNER = join(import.meta.dirname, 'record-run.ts');

async function run(kernel: Scene['kernel'], scenes: readonly Scene[]): Promise<Recording[]> {
  if (scenes.length === 0) return [];
  requirePackages('iproute2', 'nftables', 'strace');
  const command = [process.execPath, RUNNER, JSON.stringify(scenes)] as const;
  ourPlugin('bridge');
  if (kernel === 'uml') {
    const { code, output } = await runInUml(command, { timeout: 500 });
    if (code !== 0) throw new Error(`in user-mode Linux: ${output}`);
    return JSON.parse(output.slice(output.lastIndexOf('[{"kernel"'))) as Recording[];
  }
  await requireHostKernel('only the scenes of ipvlan are recorded in user-mode Linux');
  const { status, stdout } = spawnSync(command[0], command.slice(1), {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${RUNNER}: exit ${status}`);
  return JSON.parse(stdout) as Recording[];
}

if (import.meta.main) {
  const names = process.argv.slice(2).filter((word) => word !== '--check');
  const isCheck = process.argv.includes('--check');
  for (const kernel of ['host', 'uml'] as const) {
    const wanted = SCENES.filter(
      (scene) => scene.kernel === kernel && (names.length === 0 || names.includes(scene.name)),
    );
    for (const [i, recording] of (await run(kernel, wanted)).entries()) {
      const { name } = wanted[i]!;
      if (!isCheck) {
        const file = join(RECORDINGS, `${name}.json`);
        writeFileSync(file, await format(JSON.stringify(recording), { parser: 'json' }));
        console.log(`site/recordings/${name}.json`);
      } else if (formOf(recording) === formOf(loadRecording(name)))
        console.log(`${name}: as recorded`);
      else {
        console.log(`${name}: stale; node site/scripts/record.ts ${name}`);
        process.exitCode = 1;
      }
    }
  }
}
