/** What CHECK expects of an attachment. */
import { ownEntry, type Differences } from '../attach/check.ts';
import type { Interface, IpConfig, Result } from '../../cni/result.ts';
import type { Invocation } from '../../cni/skel.ts';
import type { BridgeConfig } from './config.ts';

/** This attachment in prevResult. */
export interface Expected {
  readonly config: BridgeConfig;
  readonly containerId: string;
  readonly ifname: string;
  readonly own: Interface | undefined;
  /** Interfaces on the host, including the host's end. */
  readonly onHost: readonly Interface[];
  /** Addresses of this interface only. */
  readonly ips: readonly IpConfig[];
  readonly routes: NonNullable<Result['routes']>;
}

export function expectation(
  config: BridgeConfig,
  invocation: Invocation,
  previous: Result,
  differences: Differences,
): Expected {
  return {
    ...ownEntry(previous, invocation, differences),
    config,
    containerId: invocation.containerId,
    ifname: invocation.ifname,
    onHost: (previous.interfaces ?? []).filter(({ sandbox }) => !sandbox),
    routes: previous.routes ?? [],
  };
}
