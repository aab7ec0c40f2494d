/**
 * When ADD and DEL make and remove rules, and over which connection. Masquerade itself is in
 * `masquerade.ts`; CHECK, STATUS, GC and the rules of other implementations are in
 * `firewall-whole.ts`.
 */
import type { Connection } from '../../netlink/connection.ts';
import type { Attachment } from '../attach/attachment.ts';
import { parsePrevResult } from '../../cni/config.ts';
import type { Invocation } from '../../cni/skel.ts';
import type { Transaction } from '../attach/transaction.ts';
import type { BridgeConfig } from './config.ts';
import {
  isWithoutNftables,
  masqueradeForAdd,
  nftablesMembers,
  openConnection,
  type Masquerade,
  type Masqueraded,
} from '../masquerade/masquerade.ts';

/** A back end with the connection that it uses. */
export interface Firewall<M extends Masquerade = Masquerade> {
  readonly masquerade: M;
  close(): void;
}

/**
 * The back end, where masquerade is configured; throws before anything was changed when there is
 * none.
 */
export const openFirewall = (config: BridgeConfig): Firewall | undefined =>
  openWith(config, masqueradeForAdd);

/** The same with a given function that chooses the back end. */
export function openWith<M extends Masquerade>(
  config: BridgeConfig,
  choose: (connection: Connection | undefined, wanted: string | undefined) => M,
): Firewall<M> | undefined {
  if (!config.ipMasq || config.ipam.type === '') return undefined;
  const connection = openConnection();
  try {
    return {
      masquerade: choose(connection, config.ipMasqBackend),
      close: () => connection?.close(),
    };
  } catch (error) {
    connection?.close();
    throw error;
  }
}

export { leaseHolders } from '../masquerade/others.ts';

/**
 * One step of ADD. `others` is called when the rules of the network are gone although it is in use.
 */
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

/**
 * DEL on a host where only our rules can exist: removes them even when the configuration no longer
 * asks for them.
 */
export function dropRules(
  attachment: Attachment,
  invocation: Invocation,
  connection: Connection | undefined,
): void {
  if (connection === undefined) return;
  const entry = { ...attachment, addresses: addressesOf(invocation) };
  try {
    nftablesMembers(connection).del(entry);
  } catch (error) {
    if (!isWithoutNftables(error)) throw error;
  }
}

/** The addresses where rules are looked for first. An invalid result counts as none. */
export function addressesOf({ config }: Invocation): string[] {
  try {
    return (parsePrevResult(config)?.ips ?? []).map(({ address }) => address);
  } catch {
    return [];
  }
}
