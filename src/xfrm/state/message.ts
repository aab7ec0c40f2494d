/**
 * States (security associations): how packets between two addresses are transformed, with the keys.
 *
 * include/uapi/linux/xfrm.h; net/xfrm/xfrm_user.c; ip-xfrm(8); `ip xfrm state`.
 */
import type { Input, Static } from '../../netlink/codec/codec.ts';
import { message } from '../../netlink/codec/message.ts';
import { xfrma } from '../attributes.ts';
import * as c from '../constants.ts';
import {
  aeventId,
  nothing,
  userExpire,
  userMapping,
  usersaFlush,
  usersaId,
  usersaInfo,
  userspiInfo,
} from '../structs.ts';

interface Name {
  readonly daddr?: string | undefined;
  readonly spi?: number | undefined;
  readonly proto?: string | number | undefined;
}

/** `esp 0x1000 192.0.2.2`. */
const nameText = ({ proto = '', spi = 0, daddr = '' }: Name = {}): string =>
  `${proto} 0x${Number(spi).toString(16)} ${daddr}`.trim();

export const state = message(
  'state',
  { XFRM_MSG_NEWSA: c.XFRM_MSG_NEWSA, XFRM_MSG_UPDSA: c.XFRM_MSG_UPDSA },
  usersaInfo,
  xfrma,
  {
    doc: 'A state: addresses, algorithms, keys, lifetime.',
    subject: ({ id }) => nameText(id),
  },
);

export const stateId = message(
  'stateId',
  { XFRM_MSG_DELSA: c.XFRM_MSG_DELSA, XFRM_MSG_GETSA: c.XFRM_MSG_GETSA },
  usersaId,
  xfrma,
  {
    doc: 'Identifies a state to get or delete; the kernel reports which one was deleted.',
    subject: nameText,
  },
);

export const stateList = message(
  'stateList',
  { XFRM_MSG_GETSA: c.XFRM_MSG_GETSA },
  nothing,
  xfrma,
  { doc: 'A request to list states, of one protocol or between addresses.' },
);

export const spi = message('spi', { XFRM_MSG_ALLOCSPI: c.XFRM_MSG_ALLOCSPI }, userspiInfo, xfrma, {
  doc: 'A request for a free SPI. The answer is a state that waits for its keys.',
  subject: ({ info }) => nameText(info?.id),
});

export const stateFlush = message(
  'stateFlush',
  { XFRM_MSG_FLUSHSA: c.XFRM_MSG_FLUSHSA },
  usersaFlush,
  xfrma,
  {
    doc: 'A request to delete all states, or those of one protocol.',
    subject: ({ proto }) => (proto === undefined ? undefined : String(proto)),
  },
);

export const expire = message('expire', { XFRM_MSG_EXPIRE: c.XFRM_MSG_EXPIRE }, userExpire, xfrma, {
  doc: 'A limit of a state is reached: soft, it should be replaced; hard, it is gone.',
  subject: ({ state: expired }) => nameText(expired?.id),
});

export const aevent = message(
  'aevent',
  { XFRM_MSG_NEWAE: c.XFRM_MSG_NEWAE, XFRM_MSG_GETAE: c.XFRM_MSG_GETAE },
  aeventId,
  xfrma,
  {
    doc: 'Counters and replay state of a security association, for a standby machine.',
    subject: ({ saId }) => nameText(saId),
  },
);

export const mapping = message(
  'mapping',
  { XFRM_MSG_MAPPING: c.XFRM_MSG_MAPPING },
  userMapping,
  xfrma,
  {
    doc: 'The source address or port of the packets of a state has changed, because of NAT.',
    subject: ({ id }) => nameText(id),
  },
);

export type State = Static<typeof state>;
export type StateInput = Input<typeof state>;
export type StateId = Static<typeof stateId>;
export type StateIdInput = Input<typeof stateId>;
export type StateList = Static<typeof stateList>;
export type StateListInput = Input<typeof stateList>;
export type Spi = Static<typeof spi>;
export type SpiInput = Input<typeof spi>;
export type StateFlush = Static<typeof stateFlush>;
export type StateFlushInput = Input<typeof stateFlush>;
export type Expire = Static<typeof expire>;
export type ExpireInput = Input<typeof expire>;
export type Aevent = Static<typeof aevent>;
export type AeventInput = Input<typeof aevent>;
export type Mapping = Static<typeof mapping>;
export type MappingInput = Input<typeof mapping>;
