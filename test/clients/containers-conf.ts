/**
 * Settings that podman and buildah share: their CNI back end, with everything they write inside the
 * scratch folder.
 */
import { writeFileSync } from 'node:fs';
import type { Stage } from './stage.ts';

/**
 * Writes containers.conf(5) and storage.conf(5), and tells the programs by the environment; returns
 * the folder for networks.
 */
export function configureContainers(stage: Stage): string {
  const networks = stage.makeFolder('net.d');
  const [root, run, tmp, volumes] = ['root', 'run', 'tmp', 'volumes'].map(stage.makeFolder);
  write(stage, 'CONTAINERS_CONF', {
    network: {
      network_backend: 'cni',
      cni_plugin_dirs: stage.plugins,
      network_config_dir: networks,
    },
    engine: {
      cgroup_manager: 'cgroupfs',
      events_logger: 'file',
      runtime: 'runc',
      tmp_dir: tmp!,
      volume_path: volumes!,
    },
  });
  write(stage, 'CONTAINERS_STORAGE_CONF', {
    storage: { driver: 'vfs', graphroot: root!, runroot: run! },
  });
  return networks;
}

type Sections = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** TOML writes strings, and lists of them, as JSON does. */
function write(stage: Stage, variable: string, sections: Sections): void {
  const path = `${stage.folder}/${variable.toLowerCase()}`;
  const lines = Object.entries(sections).flatMap(([name, values]) => [
    `[${name}]`,
    ...Object.entries(values).map(([key, value]) => `${key} = ${JSON.stringify(value)}`),
  ]);
  writeFileSync(path, `${lines.join('\n')}\n`);
  process.env[variable] = path;
}
