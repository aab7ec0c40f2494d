/** What the plugins would say about a configuration, by their own code. */
import {
  commonProperties,
  decodeConfig,
  parseNetworkConfig,
  refuseList,
  type NetworkConfig,
} from '../../src/cni/config.ts';
import { member } from '../../src/cni/decode.ts';
import { toCniError } from '../../src/cni/errors.ts';
import { checkIpamKeys, checkIpamType, ipamNetwork } from '../../src/cni/ipam-config.ts';
import { object } from '../../src/cni/schema.ts';
import type { Invocation } from '../../src/cni/skel.ts';
import { hostLocalConfig } from '../../src/ipam/policy/config.ts';
import { staticIpam } from '../../src/ipam/static.ts';
import { bridgeConfig, requireConsistent } from '../../src/plugins/bridge/config.ts';
import { ipvlanConfig } from '../../src/plugins/ipvlan/config.ts';

export interface Verdict {
  /** `bridge`, or what stands in `type`. */
  readonly plugin: string;
  readonly warnings: readonly string[];
  readonly error?: { readonly code: number; readonly msg: string; readonly details: string };
  /** The plugin is not one of these; its keys were not looked at. */
  readonly isForeign: boolean;
}

/** One verdict for each plugin of a list, or one for a single configuration. */
export function validate(text: string): Verdict[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return [check(text)];
  }
  const { plugins, name, cniVersion } = (parsed ?? {}) as Record<string, unknown>;
  if (!Array.isArray(plugins)) return [check(text)];
  // A runtime gives each plugin its object with name and version of the list.
  return plugins.map((plugin: object) => check(JSON.stringify({ ...plugin, name, cniVersion })));
}

function check(text: string): Verdict {
  const warnings: string[] = [];
  let plugin = '';
  try {
    const config = parseNetworkConfig(new TextEncoder().encode(text));
    const type = member(config.document, 'type');
    plugin = typeof type === 'string' ? type : '';
    refuseList(config);
    const invocation = { config, args: '', warn: (line: string) => warnings.push(line) };
    const read = READERS[plugin];
    if (read === undefined) return { plugin, warnings, isForeign: true };
    read(invocation as unknown as Invocation);
    if (plugin !== 'loopback') checkIpam(config, (line) => warnings.push(line));
    return { plugin, warnings, isForeign: false };
  } catch (thrown) {
    const { code, msg, details } = toCniError(thrown);
    return { plugin, warnings, error: { code, msg, details }, isForeign: false };
  }
}

const READERS: Readonly<Record<string, (invocation: Invocation) => void>> = {
  bridge: (invocation) => requireConsistent(bridgeConfig(invocation)),
  ipvlan: (invocation) => void ipvlanConfig(invocation),
  loopback: ({ config, warn }) =>
    void decodeConfig(object(commonProperties), config.document, warn),
};

function checkIpam(config: NetworkConfig, warn: (line: string) => void): void {
  const ipam = ipamNetwork(config, {});
  const type = (ipam.ipam as { type?: unknown } | null)?.type;
  if (type === 'host-local') {
    checkIpamKeys('host-local', config, warn);
    hostLocalConfig(ipam);
  } else if (type === 'static') {
    checkIpamKeys('static', config, warn);
    staticIpam(ipam).add();
  } else checkIpamType(config, warn);
}
