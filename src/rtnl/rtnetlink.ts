/**
 * All rtnetlink messages, `NETLINK_ROUTE`. A new message is added to this list and to
 * `fixtures/rtnl`.
 */
import { NETLINK_ROUTE } from '../netlink/constants.ts';
import { protocol } from '../netlink/codec/message.ts';
import { addr, groupAddr } from './addr/message.ts';
import { addrLabel } from './addr-label/message.ts';
import { bridgeLink, inet6Link, link, linkProp } from './link/message.ts';
import { mdb, mdbChange, mdbQuery } from './mdb/message.ts';
import { neighTable } from './neigh/neigh-table.ts';
import { neigh } from './neigh/message.ts';
import { netconf } from './netconf/message.ts';
import { ndUserOpt } from './nd-user-opt/message.ts';
import { nexthop } from './nexthop/message.ts';
import { nsid } from './nsid/message.ts';
import { prefix } from './prefix.ts';
import { mplsRoute } from './route/label-route.ts';
import { route } from './route/message.ts';
import { rule } from './rule/message.ts';
import { stats, statsQuery } from './stats.ts';
import { vniFilter } from './vni-filter/message.ts';
import { vlan, vlanQuery } from './vlan/message.ts';

export const rtnetlink = protocol('NETLINK_ROUTE', NETLINK_ROUTE, [
  link,
  bridgeLink,
  inet6Link,
  linkProp,
  addr,
  groupAddr,
  addrLabel,
  route,
  mplsRoute,
  rule,
  nexthop,
  neigh,
  neighTable,
  nsid,
  netconf,
  prefix,
  ndUserOpt,
  vlan,
  vlanQuery,
  vniFilter,
  stats,
  statsQuery,
  mdb,
  mdbChange,
  mdbQuery,
]);
