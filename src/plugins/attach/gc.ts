/**
 * What GC keeps in addition to the attachments that the runtime lists. The list was made before the
 * GC process started, so it cannot contain anything younger, nor an attachment whose ADD had not
 * finished.
 *
 * The kernel does not record when a link was made. So the existing links are recorded as soon as
 * the process runs, before it waits for its input, and links that are not among them are kept. ADDs
 * that are under way show as processes. Those that ended before this process could look show by the
 * time of their lease, or, without a lease, by the time that ADD has left in a file.
 */
import { validAttachments, type Attachment } from '../../cni/config.ts';
import { member } from '../../cni/decode.ts';
import { ipamNetwork } from '../../cni/ipam-config.ts';
import { isObject } from '../../cni/json-text.ts';
import type { Command, Environment, Invocation } from '../../cni/skel.ts';
import { youngOwners } from '../../ipam/young.ts';
import { attachmentOf } from './attachment.ts';
import { endedSince } from './ended.ts';
import { processStart } from './process-start.ts';
import { addsUnderWay } from './under-way.ts';

/** The state when the process started. */
export interface Before {
  /** Links, identified so that a later one of the same name is not mistaken for one of them. */
  readonly links: ReadonlySet<string>;
  readonly underWay: readonly Attachment[];
}

/**
 * A GC that records the state at once: `links` returns the existing links. An error is reported
 * when the command runs.
 */
export function looking(
  { CNI_PATH = '' }: Environment,
  links: () => readonly string[],
  command: (invocation: Invocation, before: Before) => void | Promise<void>,
): Command {
  processStart();
  let before: Before;
  try {
    // In this order: if an ADD made one of the links and is no longer under way, it had finished
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
 * The attachments to keep: the listed ones, and those whose ADD is under way now or was at the
 * start. Undefined without a list.
 */
export function keptAttachments(
  { config, path }: Invocation,
  { underWay }: Before,
): Attachment[] | undefined {
  const valid = validAttachments(config);
  return valid && [...valid, ...underWay, ...addsUnderWay(path)];
}

/**
 * Attachments that are younger than this GC, or whose ADD is under way, as far as their leases, or
 * the recorded ends of ADDs, show it.
 */
export function youngAttachments({ config }: Invocation): Attachment[] {
  const start = processStart();
  const found: Attachment[] = [];
  for (const alias of endedSince(start)) {
    const attachment = attachmentOf(alias);
    if (attachment?.network === config.name) found.push(attachment);
  }
  const ipam = member(config.document, 'ipam') ?? null;
  if (isObject(ipam) && member(ipam, 'type') === 'host-local') {
    found.push(...youngOwners(ipamNetwork(config, {}), start));
  }
  return found;
}
