/** All rtnetlink messages: `NETLINK_ROUTE`. A new message is added to this list, and to `fixtures/rtnl`. */
import { NETLINK_ROUTE } from '../netlink/constants.ts';
import { protocol } from '../netlink/message.ts';
import { addr, groupAddr } from './addr.ts';
import { bridgeLink, inet6Link, link, linkProp } from './link.ts';
import { mdb, mdbChange, mdbQuery } from './mdb.ts';
import { neighTable } from './neigh-table.ts';
import { neigh } from './neigh.ts';
import { netconf } from './netconf.ts';
import { nexthop } from './nexthop.ts';
import { nsid } from './nsid.ts';
import { mplsRoute } from './route-mpls.ts';
import { route } from './route.ts';
import { rule } from './rule.ts';
import { stats, statsQuery } from './stats.ts';
import { vlan, vlanDump } from './vlan.ts';

export const rtnetlink = protocol('NETLINK_ROUTE', NETLINK_ROUTE, [
  link,
  bridgeLink,
  inet6Link,
  linkProp,
  addr,
  groupAddr,
  route,
  mplsRoute,
  rule,
  nexthop,
  neigh,
  neighTable,
  nsid,
  netconf,
  vlan,
  vlanDump,
  stats,
  statsQuery,
  mdb,
  mdbChange,
  mdbQuery,
]);
