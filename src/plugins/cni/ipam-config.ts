/**
 * The configuration in the form in which `src/ipam` takes it: plain data, of which it decodes its own part.
 *
 * Used by the IPAM executables and by plugins that serve host-local and static inside their own process.
 */
import type { NetworkConfig as IpamNetwork } from '../../ipam/index.ts';
import type { NetworkConfig } from './config.ts';
import { member, plain } from './decode.ts';

/** The keys of CNI_ARGS that IPAM reads; it parses the texts itself, so that its messages can name them. */
export const IPAM_ARGS = {
  IP: (text: string): string => text,
  GATEWAY: (text: string): string => text,
};

/** `cniArgs` are the pairs that `parseArgs` found. */
export function ipamNetwork(
  { document, name, cniVersion }: NetworkConfig,
  cniArgs: Readonly<Record<string, string | undefined>>,
): IpamNetwork {
  const at = (key: string): unknown => plain(member(document, key) ?? null);
  return {
    name,
    cniVersion,
    ipam: at('ipam'),
    args: at('args'),
    runtimeConfig: at('runtimeConfig'),
    cniArgs,
  };
}
