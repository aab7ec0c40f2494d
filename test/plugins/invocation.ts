/** A call of a plugin's command inside this process, as the frame around it would make it. */
import { parseNetworkConfig } from '../../src/cni/config.ts';
import { formatResult } from '../../src/cni/result-text.ts';
import type { Invocation } from '../../src/cni/skel.ts';
import { foreignIpam, NEEDS_LINK } from '../harness/foreign-ipam.ts';
import type { Row, Teardown } from '../harness/namespace.ts';
import { forgetAtTheEnd } from '../harness/plugin.ts';
import { SYSTEM_PATH } from '../harness/program.ts';
import { REFERENCE } from '../../scripts/reference.ts';

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
  const { command = 'ADD', containerId = 'c1', ifname = 'eth0' } = call;
  if (command === 'ADD') forgetAtTheEnd({ network: parsed.name, containerId, ifname });
  return {
    command,
    containerId,
    netns: '',
    ifname,
    args: '',
    path: REFERENCE,
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

/**
 * Makes the configuration ask another program for its addresses, and tells what that program finds
 * in its environment.
 */
export function callForeign(t: Teardown, config: Row, netns: string): Partial<Invocation> {
  const { path } = foreignIpam(t, NEEDS_LINK);
  config['ipam'] = { ...(config['ipam'] as Row), type: 'foreign' };
  const call = { CNI_CONTAINERID: 'c1', CNI_NETNS: netns, CNI_IFNAME: 'eth0', CNI_PATH: path };
  return { path, env: { PATH: SYSTEM_PATH, ...call } };
}
