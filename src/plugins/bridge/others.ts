/**
 * Whether other attachments rely on what an ADD made on the host. When ADD fails, it reverts what
 * it changed, unless another attachment has begun to use it.
 */
import { attachmentOf } from '../attach/attachment.ts';
import type { Side } from '../attach/side.ts';
import { listLinks, type Link } from '../wire/rtnl.ts';

export interface Others {
  /** Must be called before the first change that others may begin to use; works only once. */
  look(): void;
  /** Whether any have come since. */
  haveCome(): boolean;
}

/**
 * Other attachments on a bridge, or on the whole host. Those that carry packets at the first look
 * are complete, and do not rely on anything that is made later; on a bridge that was `created` in
 * this call there are none. `own` is the host's end of this attachment, and `gatewayPort` the name
 * of the port that leads to the gateway of its VLAN: other users of the gateway have ports of their
 * own.
 */
export function others(
  host: Side,
  own: number,
  bridge?: { readonly index: number; readonly created: boolean },
  gatewayPort?: string,
): Others {
  let before: Set<number> | undefined;
  return {
    look() {
      if (before !== undefined) return;
      before = new Set([own]);
      if (bridge?.created === true) return;
      for (const link of linksOf(host, bridge?.index)) if (isComplete(link)) before.add(link.index);
    },
    haveCome() {
      if (before === undefined) return false;
      for (const { index, attrs } of linksOf(host, bridge?.index)) {
        if (!before.has(index) && attrs.ifname !== gatewayPort) return true;
      }
      return false;
    },
  };
}

function linksOf(host: Side, bridge: number | undefined): Link[] {
  if (bridge !== undefined) return host.rt.list(listLinks({ master: bridge }));
  return host.rt.list(listLinks({ kind: 'veth' })).filter(isAttachment);
}

const isAttachment = ({ attrs: { ifalias } }: Link): boolean =>
  ifalias !== undefined && attachmentOf(ifalias) !== undefined;

/**
 * The link of an ADD under way carries no packets yet. Nothing is known about links that are not
 * ours.
 */
const isComplete = (link: Link): boolean => link.attrs.operstate === 'up' || !isAttachment(link);
