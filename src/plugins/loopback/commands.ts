/**
 * The loopback plugin: brings `lo` of a container up, whatever CNI_IFNAME says, and takes it down
 * again.
 *
 * The kernel adds 127.0.0.1 and ::1 as soon as the interface is up.
 */
import { send } from '../attach/send.ts';
import { reach, side, type Side } from '../attach/side.ts';
import { transaction } from '../attach/transaction.ts';
import { localOf } from '../../rtnl/addr/requests.ts';
import { listAddrs, attachProtocol, getLink, setLink } from '../wire/rtnl.ts';
import { commonProperties, decodeConfig, parsePrevResult } from '../../cni/config.ts';
import { CniError, INTERNAL, withPrefix } from '../../cni/errors.ts';
import { requireNetns } from '../../cni/netns.ts';
import type { IpConfig, Result } from '../../cni/result.ts';
import { object } from '../../cni/schema.ts';
import type { Invocation, Plugin } from '../../cni/skel.ts';

export const loopback: Plugin = { name: 'loopback', add, del, check, status: decoded };

const LO = 'lo';

function add(invocation: Invocation): void {
  const { config, netns, warn } = invocation;
  decoded(invocation);
  const previous = withPrefix('failed to parse prevResult: ', () => parsePrevResult(config));
  requireNetns(netns);
  const container = side(netns, attachProtocol);
  within(container, () => {
    transaction({ warn }, (t) => {
      const { index, flags } = container.rt.get(getLink(LO));
      const wasUp = flags.includes('up');
      // Before anything is changed: to take the interface down again would remove IPv6 addresses.
      let ips = addressesOf(container, index);
      // The undo step is declared first: a request whose answer is lost may have been done.
      t.step(
        'down',
        () => {},
        () => {
          if (!wasUp) container.rt.request(down());
        },
      );
      t.step('up', () => container.rt.request(setLink(LO, { flags: ['up'] })));
      if (!wasUp) ips = addressesOf(container, index);
      invocation.print(previous ?? resultOf(netns, ips));
    });
  });
}

/** Checks the configuration; nothing else on the host can make ADD fail. */
function decoded({ config, warn }: Invocation): void {
  decodeConfig(object(commonProperties), config.document, warn);
}

/** The first address of each family. An address that is not a loopback address is an error. */
function addressesOf(container: Side, index: number): IpConfig[] {
  let inet: string | undefined;
  let inet6: string | undefined;
  for (const each of container.rt.list(listAddrs({ index }))) {
    const local = localOf(each);
    if (local.startsWith('127.')) inet ??= local;
    else if (local.startsWith('::1/')) inet6 ??= local;
    else {
      const [address] = local.split('/');
      const msg = `loopback interface found with non-loopback address ${JSON.stringify(address)}`;
      throw new CniError(INTERNAL, msg, `"ip addr del ${local} dev ${LO}" removes it`);
    }
  }
  const ips: IpConfig[] = [];
  if (inet !== undefined) ips.push({ interface: 0, address: inet });
  if (inet6 !== undefined) ips.push({ interface: 0, address: inet6 });
  return ips;
}

const resultOf = (netns: string, ips: readonly IpConfig[]): Result => ({
  interfaces: [{ name: LO, mac: '00:00:00:00:00:00', sandbox: netns }],
  ips,
});

/** The container, and its loopback with it, may be gone. */
function del(invocation: Invocation): void {
  const container = reach(invocation, attachProtocol);
  if (container !== undefined) within(container, () => send(container, { down: down() }));
}

function check({ netns }: Invocation): void {
  requireNetns(netns);
  const container = side(netns, attachProtocol);
  within(container, () => {
    const { flags } = container.rt.get(getLink(LO));
    if (!flags.includes('up')) throw new CniError(INTERNAL, 'loopback interface is down');
  });
}

const down = () => setLink(LO, { flags: [], change: ['up'] });

function within(container: Side, work: () => void): void {
  try {
    work();
  } finally {
    container.close();
  }
}
