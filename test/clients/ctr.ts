/**
 * containerd's `ctr run --cni`: the namespace is `/proc/PID/ns/net`, and DEL comes without any,
 * when the process is gone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { program } from '../harness/program.ts';
import { check, eventually, succeeds } from './checks.ts';
import { startContainerd } from './containerd.ts';
import { bridgeList, writeList } from './network.ts';
import { checkWhoMadePairs, type Stage } from './stage.ts';
import { SHELL_IMAGE_NAME, SHELL_IMAGE_FILE } from './supplies.ts';
import { type Container, pingAround } from './traffic.ts';

/** Built in: plugins lie there, else in /usr/lib/cni, and networks here. */
const PLUGIN_FOLDER = '/opt/cni/bin';
const NETWORK_FOLDER = '/etc/cni/net.d';

/** The CRI part has its own test, and wants a network when it starts. */
const NO_CRI = 'disabled_plugins = ["io.containerd.grpc.v1.cri"]';

export async function runCtr(stage: Stage): Promise<void> {
  if (stage.whose === 'ours') symlinkSync(stage.plugins[0]!, PLUGIN_FOLDER);
  writeList(NETWORK_FOLDER, bridgeList(stage.leases));
  const { socket, stop } = await startContainerd(stage, NO_CRI);
  const ctr = (...words: string[]): string[] => ['-a', socket, ...words];
  const run = (...words: string[]): string[] =>
    ctr('run', '--cni', '--snapshotter=native', '--rm', SHELL_IMAGE_NAME, ...words);
  succeeds('image import', 'ctr', ...ctr('image', 'import', SHELL_IMAGE_FILE));

  let execs = 0;
  const container = (name: string): Container => ({
    name,
    exec: (...command) =>
      program('ctr', ...ctr('task', 'exec', `--exec-id=e${++execs}`, name, ...command)),
  });
  // Not detached: ctr would never call DEL.
  const start = async (name: string): Promise<ChildProcess> => {
    const child = spawn('ctr', run(name, 'sleep', '1000'), { stdio: 'inherit' });
    const { exec } = container(name);
    const isUp = async () => (await exec('ip', 'addr', 'show', 'dev', 'eth0')).code === 0;
    check(`run ${name}`, await eventually(isUp));
    return child;
  };
  const running = [await start('a'), await start('b')];
  checkWhoMadePairs(stage);
  const { IPv4 } = await pingAround(container('a'), container('b'));
  succeeds('run --rm pings b', 'ctr', ...run('c', 'ping', '-c', '1', '-W', '3', IPv4));
  for (const [i, name] of ['a', 'b'].entries()) {
    const ended = once(running[i]!, 'exit');
    succeeds(`kill ${name}`, 'ctr', ...ctr('task', 'kill', '-s', 'KILL', name));
    await ended;
  }
  await stop();
}
