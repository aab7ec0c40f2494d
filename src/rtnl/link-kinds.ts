/**
 * The kinds of links that this library knows: `IFLA_INFO_KIND`, each with the set of its `IFLA_INFO_DATA`, and the kinds of
 * masters with that of their members. What a kind holds stands in its own file.
 *
 * ip-link(8), "TYPE".
 */
import { kinds } from '../netlink/by-kind.ts';
import { bondPort } from './link-bond-port.ts';
import { bond } from './link-bond.ts';
import { bridgePort } from './link-bridge-port.ts';
import { bridge } from './link-bridge.ts';
import { geneve } from './link-geneve.ts';
import { gre, ip6gre } from './link-gre.ts';
import { hsr } from './link-hsr.ts';
import { ip6tnl, ipip, sit } from './link-iptun.ts';
import { ipvlan } from './link-ipvlan.ts';
import { macsec } from './link-macsec.ts';
import { macvlan } from './link-macvlan.ts';
import type { NetkitSet } from './link-netkit.ts';
import { plain } from './link-plain.ts';
import { tun } from './link-tun.ts';
import type { VethSet } from './link-veth.ts';
import { vlan } from './link-vlan.ts';
import { vrf, vrfPort } from './link-vrf.ts';
import { vti, vti6, xfrm } from './link-vti.ts';
import { vxlan } from './link-vxlan.ts';

const declared = {
  bond,
  bridge,
  dummy: plain,
  erspan: gre,
  geneve,
  gre,
  gretap: gre,
  hsr,
  ifb: plain,
  ip6erspan: ip6gre,
  ip6gre,
  ip6gretap: ip6gre,
  ip6tnl,
  ipip,
  ipvlan,
  ipvtap: ipvlan,
  macsec,
  macvlan,
  macvtap: macvlan,
  nlmon: plain,
  sit,
  team: plain,
  tun,
  vcan: plain,
  vlan,
  vrf,
  vti,
  vti6,
  vxlan,
  xfrm,
};
const declaredSlaves = { bond: bondPort, bridge: bridgePort, vrf: vrfPort };

type Declared = typeof declared;
type DeclaredSlaves = typeof declaredSlaves;

/** Kinds by their word. Open to declaration merging, see `link-info.ts`. */
export interface LinkKinds extends Declared {
  netkit: NetkitSet;
  veth: VethSet;
}

/** Kinds of masters by their word. Open to declaration merging, see `link-info.ts`. */
export interface LinkSlaveKinds extends DeclaredSlaves {}

/** The kinds that can be read and written. `link.ts` adds the pairs, because they hold a link in turn. */
export const linkKinds = kinds('link kind', declared);
export const linkSlaveKinds = kinds('kind of master', declaredSlaves);
