/**
 * Tests that a device can make of itself.
 *
 * include/uapi/linux/devlink.h; devlink-dev(8);
 * `devlink dev selftests run pci/0000:01:00.0 id flash`.
 */
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import { flag, u32, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { devlinkMessage, handle } from '../declare.ts';

const tests = attrs({
  flash: attr('DEVLINK_ATTR_SELFTEST_ID_FLASH', 1, flag, 'of the flash memory'),
});

export const selftestsAttrs = attrs({
  ...handle,
  selftests: attr(
    'DEVLINK_ATTR_SELFTESTS',
    176,
    nested(tests),
    'tests that there are, or that are to be run',
  ),
});

export const selftests = devlinkMessage(
  'selftests',
  'Tests that a device can make of itself.',
  { DEVLINK_CMD_SELFTESTS_GET: 82 },
  selftestsAttrs,
);

export const selftestsRun = devlinkMessage(
  'selftests-run',
  'Makes a device test itself.',
  { DEVLINK_CMD_SELFTESTS_RUN: 83 },
  selftestsAttrs,
  'user',
);

const result = attrs({
  id: attr('DEVLINK_ATTR_SELFTEST_RESULT_ID', 2, enumOf(u32, { flash: 1 }), 'which test'),
  status: attr(
    'DEVLINK_ATTR_SELFTEST_RESULT_STATUS',
    3,
    enumOf(u8, { skip: 0, pass: 1, fail: 2 }),
    'what it came to',
  ),
});
const results = attrs({
  result: manyAttr('DEVLINK_ATTR_SELFTEST_RESULT', 1, nested(result), 'result of a test'),
});

export const selftestResultsAttrs = attrs({
  ...handle,
  selftests: attr('DEVLINK_ATTR_SELFTESTS', 176, nested(results), 'results'),
});

/** The answer to a run has other attributes than the request. */
export const selftestResults = devlinkMessage(
  'selftest-results',
  'What the tests of a device came to.',
  { DEVLINK_CMD_SELFTESTS_RUN: 83 },
  selftestResultsAttrs,
  'kernel',
);

export type Selftests = Static<typeof selftests>;
export type SelftestsInput = Input<typeof selftests>;
export type SelftestsRun = Static<typeof selftestsRun>;
export type SelftestsRunInput = Input<typeof selftestsRun>;
export type SelftestResults = Static<typeof selftestResults>;
export type SelftestResultsInput = Input<typeof selftestResults>;
