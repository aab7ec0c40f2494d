/** A containerd of the test's own, with everything it writes inside the scratch folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program } from '../harness/program.ts';
import { check, eventually } from './checks.ts';
import type { Stage } from './stage.ts';

export interface Containerd {
  readonly socket: string;
  stop(): Promise<void>;
}

/** Starts the daemon; `config` is TOML for its plugins. */
export async function startContainerd(stage: Stage, config: string): Promise<Containerd> {
  const socket = join(stage.folder, 'containerd.sock');
  const file = join(stage.folder, 'containerd.toml');
  const [root, state, opt] = ['root', 'state', 'opt'].map(stage.makeFolder);
  writeFileSync(
    file,
    `version = 2
root = "${root}"
state = "${state}"
${config}
[grpc]
address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
path = "${opt}"
`,
  );
  const log = openSync(join(stage.folder, 'containerd.log'), 'w');
  const daemon = spawn('containerd', ['-c', file], { stdio: ['ignore', log, log] });
  const answers = (): boolean => program('ctr', '-a', socket, 'version').code === 0;
  check('containerd answers', await eventually(answers));
  return { socket, stop: () => stop(daemon) };
}

async function stop(daemon: ChildProcess): Promise<void> {
  const ended = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  await ended;
}
