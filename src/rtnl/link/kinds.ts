/**
 * The known kinds of links, `IFLA_INFO_KIND`, with the attributes of their `IFLA_INFO_DATA`; and
 * the kinds of masters with those of their members. Each kind has its own file.
 *
 * ip-link(8), "TYPE".
 */
import { kinds } from '../../netlink/codec/by-kind.ts';
import { amt } from './kinds/amt.ts';
import { bareudp } from './kinds/bareudp.ts';
import { batadv } from './kinds/batadv.ts';
import { bondPort } from './kinds/bond-port.ts';
import { bond } from './kinds/bond.ts';
import { bridgePort } from './kinds/bridge-port.ts';
import { bridge } from './kinds/bridge.ts';
import { can } from './kinds/can.ts';
import { dsa } from './kinds/dsa.ts';
import { geneve } from './kinds/geneve.ts';
import { gre, ip6gre } from './kinds/gre.ts';
import { gtp } from './kinds/gtp.ts';
import { hsr } from './kinds/hsr.ts';
import { ip6tnl, ipip, sit } from './kinds/iptun.ts';
import { ipoib } from './kinds/ipoib.ts';
import { ipvlan } from './kinds/ipvlan.ts';
import { macsec } from './kinds/macsec.ts';
import { macvlan } from './kinds/macvlan.ts';
import { ppp, rmnet, wwan } from './kinds/modem.ts';
import type { NetkitSet } from './kinds/netkit.ts';
import { ovpn } from './kinds/ovpn.ts';
import { plain } from './kinds/plain.ts';
import { tun } from './kinds/tun.ts';
import type { VethSet } from './kinds/veth.ts';
import { vlan } from './kinds/vlan.ts';
import { vrf, vrfPort } from './kinds/vrf.ts';
import { vti, vti6, xfrm } from './kinds/vti.ts';
import { vxlan } from './kinds/vxlan.ts';

const withoutAttributes = {
  dummy: plain,
  ifb: plain,
  lowpan: plain,
  netdevsim: plain,
  nlmon: plain,
  pfcp: plain,
  team: plain,
  vcan: plain,
  virt_wifi: plain,
  vsockmon: plain,
  wireguard: plain,
};

const data = {
  ...withoutAttributes,
  amt,
  bareudp,
  batadv,
  bond,
  bridge,
  can,
  dsa,
  erspan: gre,
  geneve,
  gre,
  gretap: gre,
  gtp,
  hsr,
  ip6erspan: ip6gre,
  ip6gre,
  ip6gretap: ip6gre,
  ip6tnl,
  ipip,
  ipoib,
  ipvlan,
  ipvtap: ipvlan,
  macsec,
  macvlan,
  macvtap: macvlan,
  ovpn,
  ppp,
  rmnet,
  sit,
  tun,
  vlan,
  vrf,
  vti,
  vti6,
  vxlan,
  wwan,
  xfrm,
};
const slaveData = { bond: bondPort, bridge: bridgePort, vrf: vrfPort };

type Declared = typeof data;
/** Kinds without attributes are one variant of a link, which spares the compiler ten others. */
export type PlainKind = keyof typeof withoutAttributes;
type DeclaredSlaves = typeof slaveData;

/** Kinds by name. Open to declaration merging, see `info.ts`. */
export interface LinkKinds extends Declared {
  netkit: NetkitSet;
  veth: VethSet;
  vxcan: VethSet;
}

/** Kinds of masters by name. Open to declaration merging, see `info.ts`. */
export interface LinkSlaveKinds extends DeclaredSlaves {}

/** The registry of kinds. `message.ts` adds the pairs, which contain a link themselves. */
export const linkKinds = kinds('link kind', data);
export const linkSlaveKinds = kinds('kind of master', slaveData);
