/**
 * The MAC address of the interface that gets gateway addresses. Neighbours have learned it, so it
 * must not change with the ports that come and go. The address that it had before the port came is
 * set once more, which makes the kernel keep it.
 */
import { currentBootId } from '../../ipam/store/boot.ts';
import { readlinkSync } from '../../sys/files.ts';
import { sha512 } from '../attach/hash.ts';
import { sendAll, type Answers, type RequiredMessage } from '../attach/send.ts';
import type { Side } from '../attach/side.ts';
import { getFdb, setLink } from '../wire/rtnl.ts';
import type { Router } from './gateway.ts';

/** The address of a bridge that lost its own with its last port. */
const NONE = '00:00:00:00:00:00';

/** Whether a link has a MAC address. */
export const hasAddress = (mac: string | undefined): boolean =>
  mac !== undefined && mac !== '' && mac !== NONE;

/** The address that the interface is to keep: its own, or, if it has none, a unique one. */
export function lastingMac({ name, index, mac }: Pick<Router, 'name' | 'index' | 'mac'>): string {
  if (hasAddress(mac)) return mac;
  // Two ADDs at the same time must draw the same address, but two hosts, two namespaces of one host
  // or two bridges must not.
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
 * To be sent when the port is connected. Setting an address flushes the interface's neighbour
 * table, even if the address does not change. So the bridge is first asked which interface the
 * address belongs to. It answers with itself when the address was set, with a port when it took the
 * port's address, and with none when it has just taken another address.
 */
export function macMessages(router: Router): MacMessages {
  const { index, mac, follows } = router;
  if (!follows) return {};
  return hasAddress(mac)
    ? { owner: getFdb(index, mac) }
    : { mac: pinned(router, lastingMac(router)) };
}

/** The answer to `owner` names the port that has the address, or the bridge. */
interface MacMessages {
  readonly mac?: RequiredMessage;
  readonly owner?: ReturnType<typeof getFdb>;
}

const pinned = ({ index, failure }: Router, address: string): RequiredMessage => [
  setLink(index, { address }),
  `${failure}: could not set bridge's mac`,
];

/** Sets the address when the answers to `macMessages` show that this is necessary. */
export function settleMac(
  host: Side,
  router: Router,
  { owner }: Answers<MacMessages>['replies'],
): void {
  const { index, mac, follows } = router;
  // No answer, as on a kernel before 5.0, is treated like every answer other than the bridge
  // itself.
  if (!follows || !hasAddress(mac) || owner?.ifindex === index) return;
  sendAll(host, { mac: pinned(router, mac) });
}
