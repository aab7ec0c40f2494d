/**
 * GC: removes what belongs to attachments of this network that the runtime does not list. Links are known by their alias, so neither
 * their namespaces nor any record of ours is needed; rules and leases name their owners too. CNI SPEC 1.1.0, section 2 "GC".
 */
import { aliasOf } from '../attachment.ts';
import { cleanUp, namedIpam } from '../cleanup.ts';
import { closeAll, hostSide, send, type Side } from '../network.ts';
import { rtnetlink } from '../../rtnl/protocol.ts';
import { RTM_DELLINK } from '../../rtnl/constants.ts';
import { link as linkMessage, type Link } from '../../rtnl/link.ts';
import { deleteLink, getLink, linkDump, setLink } from '../../rtnl/links.ts';
import { validAttachments, type Attachment } from '../cni/config.ts';
import type { Invocation } from '../cni/skel.ts';
import { detachConfig, gatewayVlan, vlanGatewayName, type DetachConfig } from './config.ts';
import { collectMasquerade } from './firewall-whole.ts';
import { vlansByPort } from './port-vlans.ts';
import { vlanGatewayAlias } from './vlan-gateway.ts';

export function gc(invocation: Invocation): void {
  const config = detachConfig(invocation);
  const valid = validAttachments(invocation.config);
  cleanUp((attempt) => {
    if (valid === undefined) {
      invocation.warn('GC without cni.dev/valid-attachments: nothing can be called stale');
    } else {
      const { name: network } = config;
      attempt(() => {
        collectMasquerade(
          network,
          valid.map((each) => ({ network, ...each })),
        );
      });
      attempt(() => {
        const host = hostSide(rtnetlink);
        try {
          attempt(() => removeStale(host, network, valid));
          attempt(() => removeVlanGateway(host, invocation, config));
        } finally {
          closeAll(host);
        }
      });
    }
    attempt(() => namedIpam(invocation)?.gc());
  });
}

/** Deleting a link waits for all processors to have seen it; as a group they wait together. */
function removeStale(host: Side, network: string, valid: readonly Attachment[]): void {
  const kept = new Set(valid.map((each) => aliasOf({ network, ...each })));
  const links = host.rt.list(linkDump({ kind: 'veth' }));
  const stale = links.filter(({ attrs: { ifalias } }) => {
    return ifalias?.startsWith(`${network}/`) === true && !kept.has(ifalias);
  });
  if (stale.length === 0) return;
  const group = freeGroup(host.rt.list(linkDump()));
  const answers = host.rt.batch(stale.map(({ index }) => setLink(index, { group })));
  // One that has just gone is no failure; others stay behind and are told.
  const errors = answers.flatMap(({ error }) => (error && error.code !== 'ENODEV' ? [error] : []));
  if (answers.some(({ error }) => error === undefined)) {
    host.rt.request({ message: linkMessage, type: RTM_DELLINK, value: { attrs: { group } } });
  }
  if (errors.length > 0) throw new AggregateError(errors);
}

/** A group that no link is in: 0 is that of all others. */
function freeGroup(links: readonly Link[]): number {
  const taken = new Set(links.map(({ attrs }) => attrs.group ?? 0));
  for (;;) {
    const group = 0x10000000 + Math.floor(Math.random() * 0x60000000);
    if (!taken.has(group)) return group;
  }
}

/** The host's interface in a VLAN serves all containers in it, and goes when no port is left there. */
function removeVlanGateway(host: Side, { config }: Invocation, { bridge }: DetachConfig): void {
  const vlan = gatewayVlan(config);
  if (vlan === 0) return;
  const name = vlanGatewayName({ bridge, vlan });
  const { replies } = send(host.rt, { own: getLink(name), bridge: getLink(bridge) });
  const own = replies.own as Link | undefined;
  const { index } = (replies.bridge as Link | undefined) ?? { index: 0 };
  if (own?.attrs.ifalias !== vlanGatewayAlias(name) || index === 0) return;
  const ports = host.rt.list(linkDump({ master: index }));
  const vlans = vlansByPort(host);
  const used = ports.some((port) => {
    return port.index !== own.attrs.link && vlans.get(port.index)?.has(vlan) === true;
  });
  if (!used) host.rt.request(deleteLink(own.index));
}
