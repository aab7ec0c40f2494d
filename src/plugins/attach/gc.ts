/**
 * What GC leaves alone beside the attachments that the runtime lists. The list was made before the
 * process of GC began, so it cannot name what is younger, and on it cannot be an attachment whose
 * ADD was not over.
 *
 * The kernel tells no birthday of a link. So the links are noted as soon as the process runs,
 * before it waits for its input, and what is not among them stays. Leases tell their time, and the
 * ADDs that are under way are seen as processes.
 */
import { validAttachments, type Attachment } from '../../cni/config.ts';
import { member } from '../../cni/decode.ts';
import { ipamNetwork } from '../../cni/ipam-config.ts';
import { isObject } from '../../cni/json-text.ts';
import type { Command, Environment, Invocation } from '../../cni/skel.ts';
import { youngOwners } from '../../ipam/young.ts';
import { processStart } from './process-start.ts';
import { addsUnderWay } from './under-way.ts';

/** What there was when the process began to run. */
export interface Before {
  /** Links, by what tells one from a later one of the same name. */
  readonly links: ReadonlySet<string>;
  readonly underWay: readonly Attachment[];
}

/**
 * A GC that looks around at once: `links` tells the links that are there. What fails is told when
 * the command runs.
 */
export function looking(
  { CNI_PATH = '' }: Environment,
  links: () => readonly string[],
  command: (invocation: Invocation, before: Before) => void,
): Command {
  let before: Before;
  try {
    // In this order: an ADD that made one of the links and is not under way any more was over
    // before.
    before = { links: new Set(links()), underWay: addsUnderWay(CNI_PATH) };
  } catch (error) {
    return () => {
      throw error;
    };
  }
  return (invocation) => command(invocation, before);
}

/**
 * The attachments to keep: those that are listed, and those that are made now or were then.
 * Undefined without a list.
 */
export function keptAttachments(
  { config, path }: Invocation,
  { underWay }: Before,
): Attachment[] | undefined {
  const valid = validAttachments(config);
  return valid && [...valid, ...underWay, ...addsUnderWay(path)];
}

/** Who has a lease that is younger than this GC, or of an ADD under way. */
export function youngLeases({ config }: Invocation): Attachment[] {
  const ipam = member(config.document, 'ipam') ?? null;
  if (!isObject(ipam) || member(ipam, 'type') !== 'host-local') return [];
  return youngOwners(ipamNetwork(config, {}), processStart());
}
