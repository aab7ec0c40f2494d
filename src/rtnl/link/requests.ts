/**
 * Requests about links in the terms of `ip link`, over the declared message or another one for the
 * same values: the plugins have one that makes a process start faster. ip-link(8).
 */
import type { Request } from '../../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.ts';
import { CodecError } from '../../errors.ts';
import { describe } from '../../netlink/codec/given.ts';
import type { Message } from '../../netlink/codec/message.ts';
import { textBytes } from '../../netlink/codec/text.ts';
import { RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK } from '../constants.ts';
import type { Dev } from '../dev.ts';
import { linkMessage, type LinkSpec } from './object.ts';
import type { LinkInput } from './message.ts';

/** IFNAMSIZ, include/uapi/linux/if.h: longer names can only be alternative names. */
const IFNAMSIZ = 16;

/** The parts of a request that identify a link. */
export function named(dev: Dev): { index: number } | { ifname: string } | { altIfname: string } {
  if (typeof dev === 'number') return { index: dev };
  if (typeof dev !== 'string') {
    throw new CodecError(`${describe(dev)} is not the name or index of a link`);
  }
  return textBytes(dev).length < IFNAMSIZ ? { ifname: dev } : { altIfname: dev };
}

/** Only the given flags are set: without `change` the kernel would clear all others. */
function withChange(spec: LinkSpec): LinkSpec {
  if (spec.flags === undefined || spec.change !== undefined) return spec;
  return { ...spec, change: spec.flags };
}

/** Filters a list in the kernel. */
export interface LinkFilter {
  /** The bridge, bond or VRF that the links belong to: an index, in verbs also a name. */
  readonly master?: Dev | undefined;
  /** `bridge`, `veth`, …; no links if the kernel does not know the kind. */
  readonly kind?: string | undefined;
  /**
   * Include IPv6 counters, on newer kernels all counters; off by default, because they make up a
   * third of a link's bytes.
   */
  readonly stats?: boolean | undefined;
  /** Include the virtual functions of devices. */
  readonly vf?: boolean | undefined;
}

/** The message determines how links are read and written. */
export function linkRequests<T>(message: Message<T, LinkInput>) {
  const request = (type: number, flags: number, spec: LinkSpec): Request<T, LinkInput> => ({
    message,
    type,
    flags,
    value: linkMessage(spec),
  });
  return {
    addLink: (spec: LinkSpec) => request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, withChange(spec)),
    setLink: (dev: Dev, spec: LinkSpec) =>
      request(RTM_NEWLINK, 0, withChange({ ...named(dev), ...(spec as object) } as LinkSpec)),
    deleteLink: (dev: Dev) => request(RTM_DELLINK, 0, named(dev)),
    getLink: (dev: Dev) => request(RTM_GETLINK, 0, { ...named(dev), extMask: ['skip_stats'] }),
    listLinks(filter: LinkFilter & { readonly master?: number | undefined } = {}) {
      const { master, kind, stats = false, vf = false } = filter;
      const extMask = [...(stats ? [] : ['skip_stats']), ...(vf ? ['vf'] : [])];
      const spec = { master, kind, extMask: extMask.length > 0 ? extMask : undefined };
      return request(RTM_GETLINK, 0, spec as LinkSpec);
    },
  };
}
