/** All messages of devlink. */
import { genlFamily } from '../genl/declare.ts';
import * as c from './constants.ts';
import { devInfo } from './objects/dev-info.ts';
import { devlinkDev } from './objects/devlink-dev.ts';
import { devlinkPort } from './objects/devlink-port.ts';
import { dpipe } from './objects/dpipe.ts';
import { eswitch } from './objects/eswitch.ts';
import { flash } from './objects/flash.ts';
import { health } from './objects/health.ts';
import { linecard } from './objects/linecard.ts';
import { param, portParam } from './objects/param.ts';
import { rate } from './objects/rate.ts';
import { region } from './objects/region.ts';
import { resource } from './objects/resource.ts';
import { selftestResults, selftests, selftestsRun } from './objects/selftests.ts';
import { sb, sbPool, sbPortPool, sbTcPoolBind } from './objects/shared-buffer.ts';
import { trap, trapGroup, trapPolicer } from './objects/trap.ts';

export const devlink = genlFamily(c.DEVLINK_GENL_NAME, {
  version: c.DEVLINK_GENL_VERSION,
  messages: [
    devlinkDev,
    devlinkPort,
    devInfo,
    eswitch,
    flash,
    selftests,
    selftestsRun,
    selftestResults,
    param,
    portParam,
    health,
    region,
    trap,
    trapGroup,
    trapPolicer,
    rate,
    linecard,
    sb,
    sbPool,
    sbPortPool,
    sbTcPoolBind,
    resource,
    dpipe,
  ],
});
