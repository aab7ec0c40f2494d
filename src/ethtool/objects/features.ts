/**
 * What a device does in place of the kernel: checksums, segmentation, ….
 *
 * include/uapi/linux/ethtool_netlink.h, `ETHTOOL_A_FEATURES_*`;
 * `ethtool -k eth0`, `ethtool -K eth0 tso off`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { type Input, type Static } from '../../netlink/codec/codec.ts';
import { bitset } from '../bitset.ts';
import { ethtoolMessages, header } from '../declare.ts';

export const featuresAttrs = attrs({
  header: attr('ETHTOOL_A_FEATURES_HEADER', 1, header, 'the link'),
  hw: attr('ETHTOOL_A_FEATURES_HW', 2, bitset, 'features that can be changed'),
  wanted: attr(
    'ETHTOOL_A_FEATURES_WANTED',
    3,
    bitset,
    'requested features; in the answer to a change, those that could not be set',
  ),
  active: attr(
    'ETHTOOL_A_FEATURES_ACTIVE',
    4,
    bitset,
    'active features; in the answer to a change, those that have changed',
  ),
  nochange: attr('ETHTOOL_A_FEATURES_NOCHANGE', 5, bitset, 'features that no driver can change'),
});

const [request, reply] = ethtoolMessages(
  'features',
  featuresAttrs,
  'What a device does in place of the kernel: checksums, segmentation, ….',
  { ETHTOOL_MSG_FEATURES_GET: 11, ETHTOOL_MSG_FEATURES_SET: 12 },
  {
    ETHTOOL_MSG_FEATURES_GET_REPLY: 11,
    ETHTOOL_MSG_FEATURES_SET_REPLY: 12,
    ETHTOOL_MSG_FEATURES_NTF: 13,
  },
);

/** What the user sends. */
export const featuresRequest = request;
/** What the kernel answers and reports. */
export const features = reply;

export type Features = Static<typeof features>;
export type FeaturesInput = Input<typeof features>;
