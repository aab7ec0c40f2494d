/**
 * One attachment of a container to a network, and the names by which the host finds what belongs to
 * it.
 *
 * The state is in the kernel, and needs no file. The names depend only on network, container and
 * interface, so DEL finds everything without the namespace, the previous result or the
 * configuration used by ADD.
 */
import { byteLength } from '../../ipam/policy/names.ts';
import { sha512 } from './hash.ts';

export interface Attachment {
  /** Name of the network. */
  readonly network: string;
  readonly containerId: string;
  /** Name of the interface inside the container. */
  readonly ifname: string;
}

/**
 * IFALIASZ is 256, include/uapi/linux/if.h; the kernel takes one byte less in the attribute, and
 * our attribute has a terminating zero.
 */
const MAX_ALIAS = 254;

/**
 * `network/containerid/ifname`, the alias of the host's end. None of the three can contain a slash.
 */
export function aliasOf({ network, containerId, ifname }: Attachment): string {
  // Ids have no maximum length.
  return shortened(MAX_ALIAS, `${network}/${containerId}/${ifname}`);
}

/**
 * An alias of at most `most` bytes: what is cut off is replaced by a digest of the complete alias.
 * Only the interface's name may contain characters of several bytes, and it is the last 15 bytes:
 * fewer than are cut off.
 */
export function shortened(most: number, alias: string): string {
  // No character takes more than three bytes for each unit of the text, so most aliases are short
  // enough without counting their bytes.
  if (3 * alias.length <= most || byteLength(alias) <= most) return alias;
  return `${alias.slice(0, most - 33)}#${sha512(alias).slice(0, 32)}`;
}

/** The attachment that an alias names; undefined for an alias that is not ours. */
export function attachmentOf(alias: string): Attachment | undefined {
  const parts = alias.split('/');
  if (parts.length !== 3) return undefined;
  const [network, containerId, ifname] = parts as [string, string, string];
  return { network, containerId, ifname };
}

/**
 * Name of the host's end of the pair: `veth` and 44 bits of digest, which fills the 15 bytes of an
 * interface name.
 */
export const hostVethName = (attachment: Attachment): string =>
  `veth${sha512(aliasOf(attachment)).slice(0, 11)}`;

/**
 * A random MAC address: locally administered, unicast. It need not be secret, so any random numbers
 * will do.
 */
export const randomMac = (): string => macOf((random(256) & 0xfc) | 0x02);

/**
 * A MAC address for a bridge port: locally administered, unicast, and higher than any other,
 * because a bridge without an address of its own takes the lowest of its ports.
 */
export const randomPortMac = (): string => macOf(0xfe);

function macOf(first: number): string {
  let mac = hex(first);
  for (let i = 0; i < 5; i++) mac += `:${hex(random(256))}`;
  return mac;
}

const random = (below: number): number => Math.floor(Math.random() * below);
const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
