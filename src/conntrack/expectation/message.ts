/**
 * Connections that a helper expects: the data connection of FTP, the media of SIP.
 *
 * include/uapi/linux/netfilter/nfnetlink_conntrack.h; conntrack(8); `conntrack -L expect`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { be16, be32, cstr, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { tupleText } from '../connection/subject.ts';
import { ctaTuple } from '../connection/tuple.ts';
import * as c from '../constants.ts';
import { nfgenmsg } from '../head.ts';

export const ctaExpectNat = attrs({
  dir: attr('CTA_EXPECT_NAT_DIR', 1, enumOf(be32, { orig: 0, reply: 1 }), 'direction'),
  tuple: attr('CTA_EXPECT_NAT_TUPLE', 2, nested(ctaTuple), 'what it is translated to'),
});

/** `NF_CT_EXPECT_*`. */
const flags = flagsOf(be32, { permanent: 1, inactive: 2, userspace: 4 });

export const ctaExpect = attrs({
  master: attr('CTA_EXPECT_MASTER', 1, nested(ctaTuple), 'the connection that expects it'),
  tuple: attr('CTA_EXPECT_TUPLE', 2, nested(ctaTuple), 'the connection that is expected'),
  mask: attr('CTA_EXPECT_MASK', 3, nested(ctaTuple), 'mask of the expected tuple'),
  timeout: attr('CTA_EXPECT_TIMEOUT', 4, be32, 'seconds until it expires'),
  id: attr('CTA_EXPECT_ID', 5, be32, 'id of the expectation'),
  helpName: attr('CTA_EXPECT_HELP_NAME', 6, cstr, 'name of the helper'),
  zone: attr('CTA_EXPECT_ZONE', 7, be16, 'zone'),
  flags: attr('CTA_EXPECT_FLAGS', 8, flags, 'options'),
  class: attr('CTA_EXPECT_CLASS', 9, be32, 'class within the helper'),
  nat: attr('CTA_EXPECT_NAT', 10, nested(ctaExpectNat), 'translation'),
  fn: attr('CTA_EXPECT_FN', 11, cstr, 'function of the helper'),
});

export const expectation = message(
  'expectation',
  {
    IPCTNL_MSG_EXP_NEW: c.IPCTNL_MSG_EXP_NEW,
    IPCTNL_MSG_EXP_GET: c.IPCTNL_MSG_EXP_GET,
    IPCTNL_MSG_EXP_DELETE: c.IPCTNL_MSG_EXP_DELETE,
  },
  nfgenmsg,
  ctaExpect,
  {
    doc: 'A connection that is expected.',
    subject: ({ attrs: a }) => tupleText(a?.tuple ?? a?.master),
  },
);

export type Expectation = Static<typeof expectation>;
export type ExpectationInput = Input<typeof expectation>;
