/**
 * The MAC address of the interface that gets gateway addresses: neighbours have learned it, so it
 * must not follow the ports that come and go. What was there before the port came is given to it
 * once more, which makes the kernel keep it.
 */
import { currentBootId } from '../../ipam/store/boot.ts';
import { readlinkSync } from '../../sys/files.ts';
import { sha512 } from '../attach/hash.ts';
import { refuse, send, type Outcome, type Requests, type Side } from '../attach/network.ts';
import { getFdb, setLink } from '../wire/rtnl.ts';
import type { Router } from './gateway.ts';

/** What a bridge has that lost its address with its last port. */
const NONE = '00:00:00:00:00:00';

/** Whether a link has a MAC address. */
export const hasAddress = (mac: string | undefined): boolean =>
  mac !== undefined && mac !== '' && mac !== NONE;

/** The address that it shall keep: its own, or where it has none one that nobody has. */
export function lastingMac({ name, index, mac }: Pick<Router, 'name' | 'index' | 'mac'>): string {
  if (hasAddress(mac)) return mac;
  // Two ADDs at once must not draw two; nor must two hosts, two namespaces of one host or two
  // bridges have the same.
  const drawn = sha512(`${currentBootId()} ${ownNamespace()} ${index} ${name}`);
  return `02:${drawn.slice(0, 10).replaceAll(/..(?=.)/g, '$&:')}`;
}

/** The network namespace of this thread, `net:[4026531840]`; empty where it cannot be read. */
function ownNamespace(): string {
  try {
    return readlinkSync('/proc/thread-self/ns/net');
  } catch {
    return '';
  }
}

/**
 * To be sent when the port is connected. Giving an address costs an interface its table of
 * neighbours, also where it changes nothing. So a bridge is first asked whose the address is: it
 * says its own when it was given, that of a port when it took it from there, and that of nobody
 * when it has just taken another one.
 */
export function macRequests(router: Router): Requests<'mac' | 'owner'> {
  const { index, mac, follows } = router;
  if (!follows) return {};
  return hasAddress(mac)
    ? { owner: getFdb(index, mac) }
    : { mac: setLink(index, { address: lastingMac(router) }) };
}

/** The owner's answer names the port that has the address, or the bridge. */
export type MacOutcome = Outcome<'mac' | 'owner', { owner?: { readonly ifindex: number } }>;

/**
 * Throws when the address could not be given; gives it when the answers to `macRequests` say that
 * it has to be.
 */
export function settleMac(
  host: Side,
  { index, mac, follows }: Router,
  { failed, replies }: MacOutcome,
): void {
  const failure = `failed to set bridge addr: could not set bridge's mac`;
  refuse(failed.mac, failure);
  // No answer, as on a kernel before 5.0, is as good as any but the one.
  if (!follows || !hasAddress(mac) || replies.owner?.ifindex === index) return;
  refuse(send(host.rt, { mac: setLink(index, { address: mac }) }).failed.mac, failure);
}
