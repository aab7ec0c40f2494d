/** How our verbs ask for what devlink(8) shows, by its commands. */
import type { DevlinkVerbs } from '../../src/devlink/groups.ts';

const DEV = 'netdevsim/netdevsim1';

export const ASKED: Readonly<Record<string, (dl: DevlinkVerbs) => unknown>> = {
  'port show': (dl) => dl.ports.list(),
  [`port show ${DEV}/128`]: (dl) => [dl.ports.get(`${DEV}/128`)],
  'dev info': (dl) => dl.devs.listInfo(),
  'dev param show': (dl) => dl.params.list(),
  'health show': (dl) => dl.health.list(),
  [`health dump show ${DEV} reporter dummy`]: (dl) => dl.health.dump(DEV, 'dummy'),
  'region show': (dl) => dl.regions.list(),
  [`region read ${DEV}/dummy snapshot 7 address 16 length 32`]: (dl) =>
    dl.regions.read(`${DEV}/dummy`, { snapshot: 7, address: 16, length: 32 }),
  'trap show': (dl) => dl.traps.list(),
  'trap group show': (dl) => dl.trapGroups.list(),
  'trap policer show': (dl) => dl.trapPolicers.list(),
  'port function rate show': (dl) => dl.rates.list(),
  [`resource show ${DEV}`]: (dl) => dl.resources.list(DEV),
  [`dev eswitch show ${DEV}`]: (dl) => [dl.devs.getEswitch(DEV)],
};
