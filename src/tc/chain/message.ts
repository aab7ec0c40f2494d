/**
 * A chain of filters, with a template of what they may match: `RTM_NEWCHAIN`, `RTM_DELCHAIN`,
 * `RTM_GETCHAIN`. The first filter of a chain creates it too.
 *
 * include/uapi/linux/rtnetlink.h; net/sched/cls_api.c; tc(8); `tc chain add dev eth0 ingress chain
 * 5`.
 */
import type { Input, Static } from '../../netlink/codec/codec.ts';
import { message } from '../../netlink/codec/message.ts';
import { RTM_DELCHAIN, RTM_GETCHAIN, RTM_NEWCHAIN } from '../constants.ts';
import { filterAttrs } from '../filter/tca-filter.ts';
import { filterHead, placeText } from '../head.ts';

export const chain = message(
  'chain',
  { RTM_NEWCHAIN, RTM_DELCHAIN, RTM_GETCHAIN },
  filterHead,
  filterAttrs,
  {
    doc: 'A chain of filters, with a template of what they may match.',
    subject: ({ ifindex, parent, attrs: a }) =>
      [a?.chain !== undefined && `chain ${a.chain}`, placeText({ ifindex, parent })]
        .filter(Boolean)
        .join(' '),
  },
);

export type Chain = Static<typeof chain>;
export type ChainInput = Input<typeof chain>;
