/** CHECK: whether the attachment is as ADD left it. CNI SPEC 1.1.0, section 2. */
import { problem, requireAddresses, requireEntry, requireLink, requireRoutes } from '../check.ts';
import { ipamOf } from '../ipam.ts';
import { closeAll, hostSide, side } from '../network.ts';
import { requirePrevResult } from '../cni/config.ts';
import { requireNetns } from '../cni/netns.ts';
import type { Invocation } from '../cni/skel.ts';
import type { Link } from '../../rtnl/link.ts';
import { ipvlanConfig, type IpvlanConfig } from './config.ts';
import { findMaster, ipvlanData, whereOf, type Master } from './master.ts';

export function check(invocation: Invocation): void {
  const config = ipvlanConfig(invocation);
  const { netns, ifname } = invocation;
  requireNetns(netns);
  const previous = requirePrevResult(invocation.config);
  const { type } = config.ipam;
  if (type !== '') ipamOf(type, invocation).check(previous);
  const { entry, position } = requireEntry(previous, ifname, netns);

  const container = side(netns);
  const host = hostSide();
  try {
    const link = requireLink(container, entry, 'ipvlan');
    requireMode(link, config);
    // Which link had the default route when ADD was called is not written anywhere.
    if (config.master !== '') {
      const home = config.linkInContainer ? container : host;
      const master = findMaster(home, config, undefined, whereOf(config, netns));
      requireParent(link, master, config);
    }
    requireAddresses(container, link, previous.ips ?? [], position);
    requireRoutes(container, previous.routes ?? []);
  } finally {
    closeAll(host, container);
  }
}

function requireMode(link: Link, config: IpvlanConfig): void {
  const { mode, flag } = ipvlanData(link)!;
  if (mode !== config.mode) {
    throw problem(
      `Container IPVlan mode ${mode} does not match expected value: ${config.mode}`,
      'the mode is one of the master: another child may have changed it',
    );
  }
  if (flag !== config.flag) {
    throw problem(`Container IPVlan flag ${flag} does not match expected value: ${config.flag}`);
  }
}

/** An index is one of the link's own namespace unless it comes with a number of another. */
function requireParent(link: Link, master: Master, config: IpvlanConfig): void {
  const { ifname, link: parent, linkNetnsid } = link.attrs;
  const isInside = linkNetnsid === undefined;
  // A child of an ipvlan link hangs below that link's own master.
  const index =
    master.link.attrs.linkinfo?.kind === 'ipvlan' ? master.link.attrs.link : master.index;
  if (parent === index && isInside === config.linkInContainer) return;
  throw problem(
    `Container interface ${ifname} is not a child of master "${master.name}"`,
    `its parent has index ${parent}, that of the master is ${index}`,
  );
}
