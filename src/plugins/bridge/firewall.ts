/** When the plugin makes and removes rules, and over which connection. What masquerade is stands in `masquerade.ts`. */
import type { Attachment } from '../attachment.ts';
import type { Transaction } from '../transaction.ts';
import { connect, type Connection } from '../../netlink/connection.ts';
import { NetlinkError } from '../../netlink/errors.ts';
import { socketIn } from '../../netlink/socket/namespace.ts';
import { nftables } from '../../nftables/protocol.ts';
import { parsePrevResult } from '../cni/config.ts';
import type { Invocation } from '../cni/skel.ts';
import type { BridgeConfig } from './config.ts';
import {
  masqueradeBackend,
  removeMasquerade,
  type Masquerade,
  type Masqueraded,
} from './masquerade.ts';
import { iptablesMasquerade } from './masquerade-iptables.ts';
import { nftablesMasquerade } from './masquerade-nftables.ts';
import { removeReferenceSpoofCheck } from './spoof-reference.ts';

/** A back end with the connection that it uses. */
export interface Firewall {
  readonly masquerade: Masquerade;
  close(): void;
}

/** The back end, where masquerade is wanted; it throws before anything was changed when there is none. */
export function openFirewall(config: BridgeConfig): Firewall | undefined {
  if (!config.ipMasq || config.ipam.type === '') return undefined;
  const connection = openConnection();
  try {
    return {
      masquerade: masqueradeBackend(connection, config.ipMasqBackend),
      close: () => connection?.close(),
    };
  } catch (error) {
    connection?.close();
    throw error;
  }
}

export { leaseHolders } from './masquerade-others.ts';

/** One step of ADD. `others` are told when the rules of the network are gone although it is in use. */
export function addMasquerade(
  t: Transaction,
  firewall: Firewall | undefined,
  attachment: Attachment,
  addresses: readonly string[],
  others: () => readonly Masqueraded[],
): void {
  if (firewall === undefined) return;
  t.step(
    'masquerade',
    () => firewall.masquerade.add({ ...attachment, addresses }, others),
    (undo) => undo(),
  );
}

/** DEL: also when the configuration does not ask for them any more. */
export function dropRules(attachment: Attachment, invocation: Invocation): void {
  const entry = { ...attachment, addresses: addressesOf(invocation) };
  withNftables(
    (connection) => removeMasquerade(connection, entry),
    () => iptablesMasquerade().del(entry),
  );
  withNftables(
    (connection) => removeReferenceSpoofCheck(connection, attachment),
    () => {},
  );
}

/** GC: takes away what is not of the valid attachments. */
export const collectMasquerade = (network: string, valid: readonly Attachment[]): void =>
  withNftables(
    (connection) => nftablesMasquerade(connection).gc(network, valid),
    () => {},
  );

/** Undefined on a kernel that has no nf_tables. */
function openConnection(): Connection | undefined {
  try {
    return connect(nftables, socketIn(undefined, nftables.number));
  } catch (error) {
    if (isWithout(error)) return undefined;
    throw error;
  }
}

/** Runs `work`, or `otherwise` on a kernel that has no nf_tables. */
function withNftables(work: (connection: Connection) => void, otherwise: () => void): void {
  const connection = openConnection();
  if (connection === undefined) {
    otherwise();
    return;
  }
  try {
    work(connection);
  } catch (error) {
    if (!isWithout(error)) throw error;
  } finally {
    connection.close();
  }
}

/** What kernels answer that lack nf_tables, or one of its families. */
const WITHOUT = ['EPROTONOSUPPORT', 'EAFNOSUPPORT', 'EOPNOTSUPP', 'EINVAL'];

const isWithout = (error: unknown): boolean =>
  error instanceof NetlinkError && WITHOUT.includes(error.code);

/** Where the rules are looked for first. A result that makes no sense is none. */
function addressesOf({ config }: Invocation): string[] {
  try {
    return (parsePrevResult(config)?.ips ?? []).map(({ address }) => address);
  } catch {
    return [];
  }
}
