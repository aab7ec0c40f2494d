/**
 * A reporter of the health of a device or a port: the errors that it has seen, its diagnosis, and
 * the dump that it made at the last error.
 *
 * include/uapi/linux/devlink.h; devlink-health(8);
 * `devlink health diagnose pci/0000:01:00.0 reporter tx`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { bool8, cstr, u64, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { devlinkMessage, portHandle } from '../declare.ts';
import { fmsg } from './fmsg.ts';

const name = {
  healthReporterName: attr('DEVLINK_ATTR_HEALTH_REPORTER_NAME', 115, cstr, 'name of the reporter'),
};
const settings = {
  healthReporterGracefulPeriod: attr(
    'DEVLINK_ATTR_HEALTH_REPORTER_GRACEFUL_PERIOD',
    120,
    u64,
    'milliseconds after a recovery in which there is no other one',
  ),
  healthReporterAutoRecover: attr(
    'DEVLINK_ATTR_HEALTH_REPORTER_AUTO_RECOVER',
    121,
    bool8,
    'whether it recovers by itself',
  ),
  healthReporterAutoDump: attr(
    'DEVLINK_ATTR_HEALTH_REPORTER_AUTO_DUMP',
    141,
    bool8,
    'whether it makes a dump at an error',
  ),
};
const reporter = attrs({
  ...name,
  healthReporterState: attr(
    'DEVLINK_ATTR_HEALTH_REPORTER_STATE',
    116,
    enumOf(u8, { healthy: 0, error: 1 }),
    'whether there is an error',
  ),
  healthReporterErrCount: attr('DEVLINK_ATTR_HEALTH_REPORTER_ERR_COUNT', 117, u64, 'errors'),
  healthReporterRecoverCount: attr(
    'DEVLINK_ATTR_HEALTH_REPORTER_RECOVER_COUNT',
    118,
    u64,
    'recoveries',
  ),
  healthReporterDumpTs: attr(
    'DEVLINK_ATTR_HEALTH_REPORTER_DUMP_TS',
    119,
    u64,
    'time of the dump, in jiffies since the start',
  ),
  ...settings,
  healthReporterDumpTsNs: attr(
    'DEVLINK_ATTR_HEALTH_REPORTER_DUMP_TS_NS',
    137,
    u64,
    'time of the dump, in ns since 1970',
  ),
});

export const healthAttrs = attrs({
  ...portHandle,
  healthReporter: attr('DEVLINK_ATTR_HEALTH_REPORTER', 114, nested(reporter), 'the reporter'),
  ...name,
  ...settings,
  fmsg: attr('DEVLINK_ATTR_FMSG', 106, fmsg, 'diagnosis or dump'),
});

export const health = devlinkMessage(
  'health',
  'A reporter of the health of a device.',
  {
    DEVLINK_CMD_HEALTH_REPORTER_GET: 52,
    DEVLINK_CMD_HEALTH_REPORTER_SET: 53,
    DEVLINK_CMD_HEALTH_REPORTER_RECOVER: 54,
    DEVLINK_CMD_HEALTH_REPORTER_DIAGNOSE: 55,
    DEVLINK_CMD_HEALTH_REPORTER_DUMP_GET: 56,
    DEVLINK_CMD_HEALTH_REPORTER_DUMP_CLEAR: 57,
    DEVLINK_CMD_HEALTH_REPORTER_TEST: 73,
  },
  healthAttrs,
);

export type Health = Static<typeof health>;
export type HealthInput = Input<typeof health>;
