/** buildah: the namespace of a container is a descriptor of buildah's, `/proc/PID/fd/N`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program } from '../harness/program.ts';
import { check, eventually, succeeds } from './checks.ts';
import { configureContainers } from './containers-conf.ts';
import { GATEWAY, OUTSIDE, bridgeList, writeList } from './network.ts';
import { checkWhoMadePairs, type Stage } from './stage.ts';
import { SHELL_IMAGE } from './supplies.ts';
import { addressesOf, type Container, pings } from './traffic.ts';

const OCI = ['--isolation=oci', '--runtime=runc', '--network=clients', '--cap-add=CAP_NET_RAW'];

export async function runBuildah(stage: Stage): Promise<void> {
  writeList(configureContainers(stage), bridgeList(stage.leases));
  for (const name of ['a', 'b'])
    succeeds(`from ${name}`, 'buildah', 'from', `--name=${name}`, SHELL_IMAGE);
  const a: Container = {
    name: 'a',
    exec: (...command) => program('buildah', 'run', ...OCI, 'a', '--', ...command),
  };

  // One `run` is one container, so the other has to run meanwhile, and tells its addresses by a
  // file.
  const shared = stage.makeFolder('shared');
  const wait = 'ip addr show dev eth0 >/shared/new && mv /shared/new /shared/up; ';
  const until = 'while [ ! -e /shared/stop ]; do sleep 0.1; done';
  const running = spawn(
    'buildah',
    ['run', ...OCI, `--volume=${shared}:/shared`, 'b', '--', 'sh', '-c', wait + until],
    { stdio: 'inherit' },
  );
  const b: Container = { name: 'b', exec: () => program('cat', join(shared, 'up')) };
  check('run b', await eventually(() => program('test', '-e', join(shared, 'up')).code === 0));
  checkWhoMadePairs(stage);
  await addressesOf(a);
  await pings(a, 'b', await addressesOf(b));
  await pings(a, 'the gateway', GATEWAY);
  await pings(a, 'outside', OUTSIDE);
  writeFileSync(join(shared, 'stop'), '');
  const [code] = (await once(running, 'exit')) as [number | null];
  check('b ends', code === 0, `exit ${code}`);

  succeeds('commit', 'buildah', 'commit', 'a', 'localhost/base');
  const file = join(stage.folder, 'Containerfile');
  writeFileSync(file, `FROM localhost/base\nRUN ping -c 1 -W 3 ${OUTSIDE.IPv4}\n`);
  succeeds('build pings outside', 'buildah', 'build', ...OCI, '-f', file, stage.folder);
}
