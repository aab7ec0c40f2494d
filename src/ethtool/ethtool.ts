/** All messages of ethtool. */
import { genlFamily } from '../genl/declare.ts';
import * as c from './constants.ts';
import { linkInfo, linkInfoRequest } from './objects/link-info.ts';
import { linkModes, linkModesRequest } from './objects/link-modes.ts';
import { linkState, linkStateRequest } from './objects/link-state.ts';
import { debugMessages, debugMessagesRequest } from './objects/messages.ts';
import { wakeOnLan, wakeOnLanRequest } from './objects/wake-on-lan.ts';
import { features, featuresRequest } from './objects/features.ts';
import { privateFlags, privateFlagsRequest } from './objects/private-flags.ts';
import { rings, ringsRequest } from './objects/rings.ts';
import { channels, channelsRequest } from './objects/channels.ts';
import { coalesce, coalesceRequest } from './objects/coalesce.ts';
import { pause, pauseRequest } from './objects/pause.ts';
import { eee, eeeRequest } from './objects/eee.ts';
import { fec, fecRequest } from './objects/fec.ts';
import { timestamping, timestampingRequest } from './objects/timestamping.ts';
import { counters, countersRequest } from './objects/counters.ts';
import { stringSets, stringSetsRequest } from './objects/strings.ts';

export const ethtool = genlFamily(c.ETHTOOL_GENL_NAME, {
  version: c.ETHTOOL_GENL_VERSION,
  messages: [
    linkInfoRequest,
    linkInfo,
    linkModesRequest,
    linkModes,
    linkStateRequest,
    linkState,
    debugMessagesRequest,
    debugMessages,
    wakeOnLanRequest,
    wakeOnLan,
    featuresRequest,
    features,
    privateFlagsRequest,
    privateFlags,
    ringsRequest,
    rings,
    channelsRequest,
    channels,
    coalesceRequest,
    coalesce,
    pauseRequest,
    pause,
    eeeRequest,
    eee,
    fecRequest,
    fec,
    timestampingRequest,
    timestamping,
    countersRequest,
    counters,
    stringSetsRequest,
    stringSets,
  ],
});
