/**
 * STATUS: would an ADD succeed now? CNI SPEC 1.1.0, section 2 "STATUS": 50 when it would not, 51 when containers that are there may also
 * have lost connections.
 */
import { attachmentOf } from '../attachment.ts';
import { closeAll, hostSide, send, type Side } from '../network.ts';
import { rtnetlink } from '../../rtnl/protocol.ts';
import { ipamOf } from '../ipam.ts';
import { tryReadSysctl } from '../sysctl.ts';
import { addrDump, addrObject, familyOf } from '../../rtnl/addrs.ts';
import type { Link } from '../../rtnl/link.ts';
import { getLink, linkDump } from '../../rtnl/links.ts';
import { CniError, LIMITED_CONNECTIVITY, PLUGIN_NOT_AVAILABLE } from '../cni/errors.ts';
import type { Invocation } from '../cni/skel.ts';
import { bridgeConfig, requireConsistent, type BridgeConfig } from './config.ts';
import type { Firewall } from './firewall.ts';
import { openWholeFirewall } from './firewall-whole.ts';
import { FORWARDING } from './gateway.ts';
import type { WholeMasquerade } from './masquerade.ts';

export function status(invocation: Invocation): void {
  const config = bridgeConfig(invocation);
  requireConsistent(config);
  const firewall = openWholeFirewall(config);
  const host = hostSide(rtnetlink);
  try {
    checkBridge(host, config, firewall);
  } finally {
    closeAll(host);
    firewall?.close();
  }
  const { type } = config.ipam;
  if (type !== '') ipamOf(type, invocation).status();
}

function checkBridge(
  host: Side,
  config: BridgeConfig,
  firewall: Firewall<WholeMasquerade> | undefined,
): void {
  const { bridge, isGateway } = config;
  const link = send(host.rt, { link: getLink(bridge) }).replies.link as Link | undefined;
  // The first ADD makes it.
  if (link === undefined) return;
  const kind = link.attrs.linkinfo?.kind ?? link.type;
  if (kind !== 'bridge') {
    throw new CniError(
      PLUGIN_NOT_AVAILABLE,
      `"${bridge}" already exists but is not a bridge`,
      `it is of kind ${kind}`,
    );
  }
  // The next ADD puts right what follows, but meanwhile it is wrong for the containers that are there.
  const ports = host.rt.list(linkDump({ master: link.index }));
  if (ports.length === 0) return;
  if (!link.flags.includes('up')) throw limited(`bridge "${bridge}" is down`);
  const isOurs = ({ attrs: { ifalias = '' } }: Link): boolean =>
    attachmentOf(ifalias)?.network === config.name;
  if (firewall?.masquerade.knows(config.name) === false && ports.some(isOurs)) {
    throw limited(`the ${firewall.masquerade.name} rules of network "${config.name}" are gone`);
  }
  if (!isGateway) return;
  const addresses = host.rt.list(addrDump({ index: link.index })).map(addrObject);
  const families = new Set(
    addresses.filter(({ scope }) => scope === 'global').map(({ local }) => familyOf(local)),
  );
  for (const family of families) {
    const name = FORWARDING[family];
    if (tryReadSysctl(name) === '0') throw limited(`the host does not forward: ${name} is 0`);
  }
}

const limited = (reason: string): CniError =>
  new CniError(LIMITED_CONNECTIVITY, reason, 'containers that are attached cannot be reached');
