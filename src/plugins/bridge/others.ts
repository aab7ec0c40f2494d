/**
 * Who else relies on what an ADD made on the host. When it fails, it takes back what it changed,
 * unless another attachment has come to use it meanwhile.
 */
import { attachmentOf } from '../attach/attachment.ts';
import type { Side } from '../attach/network.ts';
import { linkDump, type Link } from '../wire/rtnl.ts';

export interface Others {
  /** To be called before the first change that others may come to use; does its work once. */
  look(): void;
  /** Whether any have come since. */
  haveCome(): boolean;
}

/**
 * Others on a bridge, or on the whole host. Whoever carries packets at the first look is complete,
 * and relies on nothing that is made afterwards; of a bridge that was `created` in this call nobody
 * is. `own` is the host's end of this attachment, and `gatewayPort` the name of the port that leads
 * to the gateway of its VLAN: whoever else uses that has a port of its own.
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
  if (bridge !== undefined) return host.rt.list(linkDump({ master: bridge }));
  return host.rt.list(linkDump({ kind: 'veth' })).filter(isAttachment);
}

const isAttachment = ({ attrs: { ifalias } }: Link): boolean =>
  ifalias !== undefined && attachmentOf(ifalias) !== undefined;

/**
 * An ADD under way has made its link, which carries no packets yet. Of links that are none of ours
 * nothing can be told.
 */
const isComplete = (link: Link): boolean => link.attrs.operstate === 'up' || !isAttachment(link);
