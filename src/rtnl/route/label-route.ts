/**
 * An MPLS route: the messages of `message.ts` with a label in place of the destination address.
 *
 * include/uapi/linux/rtnetlink.h; net/mpls/af_mpls.c; ip-route(8);
 * `ip -f mpls route add 100 as 200/300 via inet 192.0.2.1`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import type { Input, Static } from '../../netlink/codec/codec.ts';
import { message } from '../../netlink/codec/message.ts';
import { AF_MPLS, RTM_DELROUTE, RTM_GETROUTE, RTM_NEWROUTE } from '../constants.ts';
import { labels } from '../mpls.ts';
import { commonRouteAttributes, rtmsg } from './message.ts';

export const rtaMpls = attrs({
  dst: attr('RTA_DST', 1, labels, 'incoming label, a stack of one'),
  ...commonRouteAttributes,
});

export const mplsRoute = message(
  'mplsRoute',
  { RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE },
  rtmsg,
  rtaMpls,
  {
    doc: 'An MPLS route.',
    family: AF_MPLS,
    subject: ({ attrs: a }) => a?.dst?.join('/'),
  },
);

export type MplsRoute = Static<typeof mplsRoute>;
export type MplsRouteInput = Input<typeof mplsRoute>;
