/**
 * Policies: which packets are transformed, and how; and the kernel's requests to a key manager.
 *
 * include/uapi/linux/xfrm.h; net/xfrm/xfrm_user.c; ip-xfrm(8); `ip xfrm policy`.
 */
import type { Input, Static } from '../../netlink/codec/codec.ts';
import { message } from '../../netlink/codec/message.ts';
import { xfrma } from '../attributes.ts';
import * as c from '../constants.ts';
import { selectorText } from '../selector.ts';
import {
  nothing,
  userAcquire,
  userPolexpire,
  userpolicyDefault,
  userpolicyId,
  userpolicyInfo,
  userReport,
} from '../structs.ts';

export const policy = message(
  'policy',
  { XFRM_MSG_NEWPOLICY: c.XFRM_MSG_NEWPOLICY, XFRM_MSG_UPDPOLICY: c.XFRM_MSG_UPDPOLICY },
  userpolicyInfo,
  xfrma,
  {
    doc: 'A policy: which packets, and the transformations that they need.',
    subject: ({ dir, sel }) => selectorText(dir, sel),
  },
);

export const policyId = message(
  'policyId',
  { XFRM_MSG_DELPOLICY: c.XFRM_MSG_DELPOLICY, XFRM_MSG_GETPOLICY: c.XFRM_MSG_GETPOLICY },
  userpolicyId,
  xfrma,
  {
    doc: 'Identifies a policy to get or delete; the kernel reports which one was deleted.',
    subject: ({ dir, sel }) => selectorText(dir, sel),
  },
);

export const policyList = message(
  'policyList',
  { XFRM_MSG_GETPOLICY: c.XFRM_MSG_GETPOLICY },
  nothing,
  xfrma,
  { doc: 'A request to list policies.' },
);

export const policyFlush = message(
  'policyFlush',
  { XFRM_MSG_FLUSHPOLICY: c.XFRM_MSG_FLUSHPOLICY },
  nothing,
  xfrma,
  { doc: 'A request to delete all policies of a table.' },
);

export const policyExpire = message(
  'policyExpire',
  { XFRM_MSG_POLEXPIRE: c.XFRM_MSG_POLEXPIRE },
  userPolexpire,
  xfrma,
  {
    doc: 'A limit of a policy is reached.',
    subject: ({ pol }) => selectorText(pol?.dir, pol?.sel),
  },
);

export const policyDefault = message(
  'policyDefault',
  { XFRM_MSG_SETDEFAULT: c.XFRM_MSG_SETDEFAULT, XFRM_MSG_GETDEFAULT: c.XFRM_MSG_GETDEFAULT },
  userpolicyDefault,
  xfrma,
  { doc: 'What happens to packets without a policy, in each direction. Since Linux 5.15.' },
);

export const acquire = message(
  'acquire',
  { XFRM_MSG_ACQUIRE: c.XFRM_MSG_ACQUIRE },
  userAcquire,
  xfrma,
  {
    doc: 'A packet needs a state that does not exist: a key manager should negotiate it.',
    subject: ({ sel }) => selectorText(undefined, sel),
  },
);

export const migrate = message(
  'migrate',
  { XFRM_MSG_MIGRATE: c.XFRM_MSG_MIGRATE },
  userpolicyId,
  xfrma,
  {
    doc: 'Moves a policy and its states to other addresses.',
    subject: ({ dir, sel }) => selectorText(dir, sel),
  },
);

export const report = message('report', { XFRM_MSG_REPORT: c.XFRM_MSG_REPORT }, userReport, xfrma, {
  doc: 'A packet of Mobile IPv6 that no state allowed.',
  subject: ({ sel }) => selectorText(undefined, sel),
});

export type Policy = Static<typeof policy>;
export type PolicyInput = Input<typeof policy>;
export type PolicyId = Static<typeof policyId>;
export type PolicyIdInput = Input<typeof policyId>;
export type PolicyList = Static<typeof policyList>;
export type PolicyListInput = Input<typeof policyList>;
export type PolicyFlush = Static<typeof policyFlush>;
export type PolicyFlushInput = Input<typeof policyFlush>;
export type PolicyExpire = Static<typeof policyExpire>;
export type PolicyExpireInput = Input<typeof policyExpire>;
export type PolicyDefault = Static<typeof policyDefault>;
export type PolicyDefaultInput = Input<typeof policyDefault>;
export type Acquire = Static<typeof acquire>;
export type AcquireInput = Input<typeof acquire>;
export type Migrate = Static<typeof migrate>;
export type MigrateInput = Input<typeof migrate>;
export type Report = Static<typeof report>;
export type ReportInput = Input<typeof report>;
