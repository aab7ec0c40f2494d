/** A call of a plugin's command inside this process, as the frame around it would make it. */
import { parseNetworkConfig } from '../../src/plugins/cni/config.ts';
import { formatResult } from '../../src/plugins/cni/result-text.ts';
import type { Invocation } from '../../src/plugins/cni/skel.ts';

export interface Recorded extends Invocation {
  /** What the command printed. */
  readonly printed: string[];
  /** What it wrote to stderr. */
  readonly warnings: string[];
}

export function invocation(config: unknown, call: Partial<Invocation> = {}): Recorded {
  const stdin = new TextEncoder().encode(JSON.stringify(config));
  const parsed = parseNetworkConfig(stdin);
  const printed: string[] = [];
  const warnings: string[] = [];
  return {
    command: 'ADD',
    containerId: 'c1',
    netns: '',
    ifname: 'eth0',
    args: '',
    path: '/usr/lib/cni',
    env: process.env,
    stdin,
    config: parsed,
    print: (result) => void printed.push(formatResult(result, parsed.cniVersion)),
    warn: (line) => void warnings.push(line),
    ...call,
    printed,
    warnings,
  };
}
