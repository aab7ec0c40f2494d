/**
 * Attaches containers as a container runtime does: runs a plugin with the parameters in the
 * environment and the configuration on standard input. CNI SPEC 1.1.0, section 2, "Execution
 * Protocol".
 */
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';

export interface Attach {
  readonly command: 'ADD' | 'DEL' | 'CHECK' | 'GC' | 'VERSION';
  readonly containerId?: string;
  /** Path of the container's network namespace. */
  readonly netns?: string;
  /** Name of the interface inside. */
  readonly ifname?: string;
}

export interface Answer {
  readonly code: number;
  /** The plugin's standard output: a result, an error object, or nothing. */
  readonly stdout: string;
  readonly milliseconds: number;
}

/** The environment that a runtime gives to a plugin. */
export function cniEnvironment(binary: string, call: Attach): Record<string, string> {
  const { command, containerId = '', netns = '', ifname = '' } = call;
  return {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    CNI_COMMAND: command,
    CNI_CONTAINERID: containerId,
    CNI_NETNS: netns,
    CNI_IFNAME: ifname,
    CNI_PATH: dirname(binary),
  };
}

/** Runs a plugin to its end, in the network namespace that the calling thread is in. */
export function execPlugin(binary: string, call: Attach, config: object, timeout = 30_000): Answer {
  const started = performance.now();
  // Its own process group (Node documents that for spawn only): Ctrl-C is for the runtime, the
  // plugin finishes what it began.
  const group = { detached: true };
  const { status, stdout, error } = spawnSync(binary, [], {
    ...group,
    encoding: 'utf8',
    input: JSON.stringify(config),
    env: cniEnvironment(binary, call),
    timeout,
    killSignal: 'SIGKILL',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const milliseconds = performance.now() - started;
  // EPIPE: the plugin did not read its input, which VERSION need not do.
  if (error !== undefined && (error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  return { code: status ?? -1, stdout, milliseconds };
}
