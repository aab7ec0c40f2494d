/**
 * A queueing discipline of a link: `RTM_NEWQDISC`, `RTM_DELQDISC`, `RTM_GETQDISC`.
 *
 * include/uapi/linux/rtnetlink.h, `TCA_*`; net/sched/sch_api.c; tc(8);
 * `tc qdisc add dev eth0 root handle 1: htb default 10`.
 */
import type { AttributeSet } from '../../netlink/codec/attributes.ts';
import type { Input, Static } from '../../netlink/codec/codec.ts';
import { message } from '../../netlink/codec/message.ts';
import { RTM_DELQDISC, RTM_GETQDISC, RTM_NEWQDISC } from '../constants.ts';
import { qdiscHead } from '../head.ts';
import { tcaOf, type Tca, type TcaInput } from '../tca.ts';
import { qdiscKinds, qdiscXstats, type QdiscKinds, type QdiscXstatsKinds } from './kinds.ts';

const set = tcaOf(qdiscKinds, qdiscXstats);

export type QdiscAttrs = Tca<QdiscKinds, QdiscXstatsKinds>;
export type QdiscAttrsInput = TcaInput<QdiscKinds>;

export const qdiscAttrs = set as unknown as AttributeSet<
  QdiscAttrs,
  QdiscAttrsInput,
  typeof set.attributes
>;

export const qdisc = message(
  'qdisc',
  { RTM_NEWQDISC, RTM_DELQDISC, RTM_GETQDISC },
  qdiscHead,
  qdiscAttrs,
  {
    doc: 'A queueing discipline of a link.',
    subject: ({ ifindex, handle, parent, attrs: a }) =>
      [a?.kind, handle ?? parent, ifindex && `of index ${ifindex}`].filter(Boolean).join(' '),
  },
);

export type Qdisc = Static<typeof qdisc>;
export type QdiscInput = Input<typeof qdisc>;
