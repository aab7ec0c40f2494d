/**
 * The loopback plugin: brings `lo` of a container up, whatever CNI_IFNAME says, and takes it down again.
 *
 * 127.0.0.1 and ::1 are put there by the kernel as soon as the interface is up.
 */
import { send, side, type Side } from '../network.ts';
import { rtnetlink } from '../../rtnl/protocol.ts';
import { transaction } from '../transaction.ts';
import { addrDump, addrObject } from '../../rtnl/addrs.ts';
import type { Link } from '../../rtnl/link.ts';
import { getLink, setLink } from '../../rtnl/links.ts';
import { commonProperties, decodeConfig, parsePrevResult } from '../cni/config.ts';
import { CniError, INTERNAL } from '../cni/errors.ts';
import { netnsExists, requireNetns } from '../cni/netns.ts';
import type { IpConfig, Result } from '../cni/result.ts';
import { object } from '../cni/schema.ts';
import type { Invocation, Plugin } from '../cni/skel.ts';

export const loopback: Plugin = { name: 'loopback', add, del, check };

const LO = 'lo';

function add(invocation: Invocation): void {
  const { config, netns, warn } = invocation;
  decodeConfig(object(commonProperties), config.document, warn);
  const previous = parsePrevResult(config);
  requireNetns(netns);
  within(netns, (container) => {
    transaction({ warn }, (t) => {
      const { flags } = container.rt.get(getLink(LO)) as Link;
      const wasUp = flags.includes('up');
      t.step(
        'up',
        () => container.rt.request(setLink(LO, { flags: ['up'] })),
        () => {
          if (!wasUp) container.rt.request(down());
        },
      );
      const ips = addressesOf(container);
      invocation.print(previous ?? resultOf(netns, ips));
    });
  });
}

/** The first address of each family. Others than those of the loopback do not belong there. */
function addressesOf(container: Side): IpConfig[] {
  const { index } = container.rt.get(getLink(LO)) as Link;
  const all = container.rt.list(addrDump({ index })).map(addrObject);
  const stranger = all.find(({ local }) => !/^(127\.|::1\/)/.test(local));
  if (stranger !== undefined) {
    const msg = `loopback interface found with non-loopback address ${JSON.stringify(stranger.local)}`;
    throw new CniError(INTERNAL, msg);
  }
  return ['inet', 'inet6'].flatMap((family) => {
    const first = all.find((each) => each.family === family);
    return first === undefined ? [] : [{ interface: 0, address: first.local }];
  });
}

const resultOf = (netns: string, ips: readonly IpConfig[]): Result => ({
  interfaces: [{ name: LO, mac: '00:00:00:00:00:00', sandbox: netns }],
  ips,
});

/** The container may be gone, and its loopback with it. */
function del({ netns, warn }: Invocation): void {
  try {
    if (!netnsExists(netns)) return;
  } catch (error) {
    warn(`DEL goes on without the namespace: ${(error as Error).message}`);
    return;
  }
  within(netns, (container) => void send(container.rt, { down: down() }));
}

function check({ netns }: Invocation): void {
  requireNetns(netns);
  within(netns, (container) => {
    const { flags } = container.rt.get(getLink(LO)) as Link;
    if (!flags.includes('up')) throw new CniError(INTERNAL, 'loopback interface is down');
  });
}

const down = () => setLink(LO, { flags: [], change: ['up'] });

function within(netns: string, work: (container: Side) => void): void {
  const container = side(netns, rtnetlink);
  try {
    work(container);
  } finally {
    container.close();
  }
}
