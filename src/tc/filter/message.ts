/**
 * A filter of a qdisc, a class or a block: `RTM_NEWTFILTER`, `RTM_DELTFILTER`, `RTM_GETTFILTER`.
 *
 * include/uapi/linux/rtnetlink.h, `TCA_*`; net/sched/cls_api.c; tc(8);
 * `tc filter add dev eth0 ingress protocol ip pref 10 flower ip_proto tcp dst_port 80 action drop`.
 */
import type { Input, Static } from '../../netlink/codec/codec.ts';
import { message } from '../../netlink/codec/message.ts';
import { RTM_DELTFILTER, RTM_GETTFILTER, RTM_NEWTFILTER } from '../constants.ts';
import { filterHead, placeText } from '../head.ts';
import { filterAttrs } from './tca-filter.ts';
import { handleText } from './filter-handle.ts';

export const filter = message(
  'filter',
  { RTM_NEWTFILTER, RTM_DELTFILTER, RTM_GETTFILTER },
  filterHead,
  filterAttrs,
  {
    doc: 'A filter of a qdisc, a class or a block.',
    subject: ({ ifindex, parent, handle, pref, attrs: a }) =>
      [
        a?.kind,
        handle && handleText(a?.kind, handle),
        pref && `pref ${pref}`,
        placeText({ ifindex, parent }),
      ]
        .filter(Boolean)
        .join(' '),
  },
);

export type Filter = Static<typeof filter>;
export type FilterInput = Input<typeof filter>;
