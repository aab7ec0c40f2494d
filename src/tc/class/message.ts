/**
 * A class of a qdisc: `RTM_NEWTCLASS`, `RTM_DELTCLASS`, `RTM_GETTCLASS`.
 *
 * include/uapi/linux/rtnetlink.h, `TCA_*`; net/sched/sch_api.c; tc(8);
 * `tc class add dev eth0 parent 1: classid 1:10 htb rate 10mbit`.
 */
import type { AttributeSet } from '../../netlink/codec/attributes.ts';
import type { Input, Static } from '../../netlink/codec/codec.ts';
import { message } from '../../netlink/codec/message.ts';
import { RTM_DELTCLASS, RTM_GETTCLASS, RTM_NEWTCLASS } from '../constants.ts';
import { classHead } from '../head.ts';
import { classKinds, classXstats, type ClassKinds, type ClassXstatsKinds } from '../qdisc/kinds.ts';
import { tcaOf, type Tca, type TcaInput } from '../tca.ts';

const set = tcaOf(classKinds, classXstats);

export type ClassAttrs = Tca<ClassKinds, ClassXstatsKinds>;
export type ClassAttrsInput = TcaInput<ClassKinds>;

export const classAttrs = set as unknown as AttributeSet<
  ClassAttrs,
  ClassAttrsInput,
  typeof set.attributes
>;

export const tclass = message(
  'tclass',
  { RTM_NEWTCLASS, RTM_DELTCLASS, RTM_GETTCLASS },
  classHead,
  classAttrs,
  {
    doc: 'A class of a qdisc.',
    subject: ({ ifindex, handle, attrs: a }) =>
      [a?.kind, handle, ifindex && `of index ${ifindex}`].filter(Boolean).join(' '),
  },
);

export type Tclass = Static<typeof tclass>;
export type TclassInput = Input<typeof tclass>;
