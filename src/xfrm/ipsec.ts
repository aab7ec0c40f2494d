/** All messages of IPsec: `NETLINK_XFRM`. */
import { NETLINK_XFRM, NLM_F_DUMP } from '../netlink/constants.ts';
import { protocol, type AnyMessage } from '../netlink/codec/message.ts';
import type { Protocol } from '../netlink/codec/protocol.ts';
import { XFRM_MSG_GETPOLICY, XFRM_MSG_GETSA } from './constants.ts';
import { sadinfo, spdinfo } from './info/message.ts';
import {
  acquire,
  migrate,
  policy,
  policyDefault,
  policyExpire,
  policyFlush,
  policyId,
  policyList,
  report,
} from './policy/message.ts';
import {
  aevent,
  expire,
  mapping,
  spi,
  state,
  stateFlush,
  stateId,
  stateList,
} from './state/message.ts';

const declared = protocol('NETLINK_XFRM', NETLINK_XFRM, [
  state,
  stateId,
  stateList,
  spi,
  stateFlush,
  expire,
  aevent,
  mapping,
  policy,
  policyId,
  policyList,
  policyFlush,
  policyExpire,
  policyDefault,
  acquire,
  migrate,
  report,
  sadinfo,
  spdinfo,
]);

/** Requests for a list have no header. */
const LISTS: Readonly<Record<number, AnyMessage>> = {
  [XFRM_MSG_GETSA]: stateList,
  [XFRM_MSG_GETPOLICY]: policyList,
};

export const ipsec: Protocol = {
  ...declared,
  find(type, family, flags = 0) {
    const list = (flags & NLM_F_DUMP) === NLM_F_DUMP ? LISTS[type] : undefined;
    return list ?? declared.find(type, family, flags);
  },
  typeName: (type) => declared.typeName(type),
  typeNumber: (name) => declared.typeNumber(name),
};
