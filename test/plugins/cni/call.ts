/**
 * One call of a plugin inside the test's process: environment and configuration in, what it printed
 * out.
 */
import { runPlugin, type Plugin, type PluginIo } from '../../../src/cni/skel.ts';

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What is on stdout, decoded; an empty object where there is nothing. */
  readonly json: Record<string, unknown>;
}

const ENV = {
  CNI_CONTAINERID: 'dummy',
  CNI_NETNS: '/some/where',
  CNI_IFNAME: 'eth0',
  CNI_PATH: '/some/where/else',
};

/**
 * `config` is JSON, as text or as a value; `io` replaces parts of the process around the plugin.
 */
export function call(
  plugin: Plugin,
  command: string,
  config: unknown,
  env: object = {},
  io: Partial<PluginIo> = {},
): Answer {
  let stdout = '';
  let stderr = '';
  const stdin = typeof config === 'string' ? config : JSON.stringify(config);
  const code = runPlugin(plugin, {
    env: { ...ENV, CNI_COMMAND: command, ...env },
    readStdin: () => new TextEncoder().encode(stdin),
    writeStdout: (text) => void (stdout += text),
    writeStderr: (text) => void (stderr += text),
    isOwnNetns: () => false,
    ...io,
  }) as number;
  const json = stdout === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
  return { code, stdout, stderr, json };
}
