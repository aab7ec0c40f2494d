/** CHECK: whether the attachment is as ADD left it. CNI SPEC 1.1.0, section 2. */
import { checkAddresses, checkInterface, Differences, ownEntry } from '../attach/check.ts';
import { ipamOf } from '../attach/ipam.ts';
import { closeAll, hostSide, side, type Side } from '../attach/side.ts';
import { declaredProtocol } from '../attach/declared.ts';
import { requirePrevResult } from '../../cni/config.ts';
import { toCniError } from '../../cni/errors.ts';
import { requireNetns } from '../../cni/netns.ts';
import type { Invocation } from '../../cni/skel.ts';
import type { Link } from '../../rtnl/link/message.ts';
import { ipvlanConfig, type IpvlanConfig } from './config.ts';
import { findMaster, whereOf } from './master.ts';
import { attachProtocol } from '../wire/rtnl.ts';

export function check(invocation: Invocation): void {
  const config = ipvlanConfig(invocation);
  const { netns, ifname } = invocation;
  requireNetns(netns);
  const previous = requirePrevResult(invocation.config);
  const differences = new Differences();
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      differences.note(toCniError(error).message);
    }
  };
  const { type } = config.ipam;
  if (type !== '') attempt(() => ipamOf(type, invocation).check(previous));
  const { own, ips } = ownEntry(previous, invocation, differences);

  const container = side(netns, declaredProtocol);
  const home = config.linkInContainer ? side(netns, attachProtocol) : hostSide(attachProtocol);
  try {
    const link = checkInterface(container, ifname, 'ipvlan', own, differences);
    if (link !== undefined) {
      checkMode(link, config, differences);
      // It is not recorded which link had the default route when ADD was called.
      if (config.master !== '') {
        attempt(() => checkParent(link, home, config, netns, differences));
      }
      const { routes = [] } = previous;
      checkAddresses(container, link.index, { ifname, ips, routes }, differences);
    }
  } finally {
    closeAll(home, container);
  }
  differences.throwIfAny(invocation);
}

/** Mode and flag belong to the master: an ADD of another child may have changed them for all. */
function checkMode(link: Link, config: IpvlanConfig, differences: Differences): void {
  const { ifname } = link.attrs;
  differences.expect(`state of ${ifname}`, 'up', link.flags.includes('up') ? 'up' : 'down');
  const { linkinfo } = link.attrs;
  if (linkinfo?.kind !== 'ipvlan' || linkinfo.data === undefined) return;
  const { mode, flags: [flag = 'bridge'] = [] } = linkinfo.data;
  differences.expect(`mode of ${ifname}`, config.mode, mode);
  differences.expect(`flag of ${ifname}`, config.flag, flag);
}

/** The index is one of the link's own namespace, unless there is a namespace id with it. */
function checkParent(
  link: Link,
  home: Side,
  config: IpvlanConfig,
  netns: string,
  differences: Differences,
): void {
  const master = findMaster(home, config, undefined, whereOf(config, netns));
  const { link: parent, linkNetnsid } = link.attrs;
  const isInside = linkNetnsid === undefined;
  // A child of an ipvlan link is attached to that link's own master.
  const { linkinfo, link: grandparent } = master.link.attrs;
  const index = linkinfo?.kind === 'ipvlan' ? grandparent : master.index;
  if (parent === index && isInside === config.linkInContainer) return;
  differences.note(`${link.attrs.ifname} is not a child of master ${master.name}`);
}
