/**
 * The kinds of links whose attributes a plugin reads: in the executables this file takes the place
 * of `rtnl/link/kinds.ts`. Attributes of other kinds are kept as bytes.
 */
import { kinds } from '../../netlink/codec/by-kind.ts';
import { bridgePort } from '../../rtnl/link/kinds/bridge-port.ts';
import { bridge } from '../../rtnl/link/kinds/bridge.ts';
import { ipvlan } from '../../rtnl/link/kinds/ipvlan.ts';

export const linkKinds = kinds('link kind', { bridge, ipvlan });
export const linkSlaveKinds = kinds('kind of master', { bridge: bridgePort });
