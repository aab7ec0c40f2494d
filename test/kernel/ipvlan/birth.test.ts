/**
 * How the link of an attachment comes into being: what a listener in the container's namespace
 * hears, and what it looks like.
 */
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { succeeded } from '../../harness/node.ts';
import { addUplink, ipvlanNode, linkOf, UPLINK } from '../../plugins/ipvlan/node.ts';
import { side } from '../../../src/plugins/attach/side.ts';
import { deadlineIn } from '../../../src/sys/deadline.ts';
import { decode } from '../../../src/netlink/codec/frame.ts';
import { RTNLGRP_LINK } from '../../../src/rtnl/constants.ts';
import { rtnetlink } from '../../../src/rtnl/rtnetlink.ts';
import type { Link } from '../../../src/rtnl/link/message.ts';

const test = needs('ipvlan', 'dummy');

/**
 * The names that links have in the container while `work` goes on, in the order in which they are
 * told.
 */
function namesHeard(container: Namespace, work: () => void): string[] {
  const { rt, close } = side(container.path, rtnetlink);
  try {
    rt.socket.join(RTNLGRP_LINK);
    work();
    // Something to come last.
    container.exec('ip', 'link', 'set', 'lo', 'up');
    const names: string[] = [];
    for (;;) {
      for (const { payload } of decode(rt.protocol, rt.socket.receive(deadlineIn(1000)))) {
        const { ifname = '' } = (payload as Link).attrs;
        if (ifname === 'lo') return names;
        names.push(ifname);
      }
    }
  } finally {
    close();
  }
}

for (const linkInContainer of [false, true]) {
  const where = linkInContainer ? 'the master in the container' : 'the master on the host';
  test(`ipvlan ADD: the link is never known by another name than CNI_IFNAME: ${where}`, (t) => {
    const node = ipvlanNode(t);
    const container = freshNamespace(t);
    if (linkInContainer) addUplink(container, UPLINK);
    const config = node.config({ linkInContainer });
    const names = namesHeard(container, () =>
      succeeded(node.call('ADD', config, { netns: container.path, ifname: 'net7' })),
    );
    t.deepEqual(
      [...new Set(names)].filter((name) => name !== UPLINK),
      ['net7'],
    );
  });
}

test('ipvlan ADD: the reference renames what it made under a random name', (t) => {
  const node = ipvlanNode(t);
  const container = freshNamespace(t);
  const names = namesHeard(container, () =>
    succeeded(node.reference('ADD', node.config(), { netns: container.path })),
  );
  t.regex(names[0]!, /^veth[0-9a-f]{8}$/);
  t.is(names.at(-1), 'eth0');
});

for (const linkInContainer of [false, true]) {
  const where = linkInContainer ? 'in the container' : 'on the host';
  test(`ipvlan ADD: mode l2 and an MTU as configured over a master ${where}`, (t) => {
    const node = ipvlanNode(t);
    const container = freshNamespace(t);
    const home = linkInContainer ? container : node.host;
    if (linkInContainer) {
      node.host.exec('ip', 'link', 'del', UPLINK);
      addUplink(container, UPLINK);
    }
    const config = node.config({ mode: 'l2', mtu: 1500, linkInContainer });
    // Chance must not give it the right one.
    home.exec('ip', 'link', 'set', UPLINK, 'mtu', '9000');
    const { interfaces } = succeeded(node.call('ADD', config, { netns: container.path }));
    const link = linkOf(container, 'eth0')!;
    t.is(link.mtu, 1500);
    t.like(link.linkinfo, { info_kind: 'ipvlan', info_data: { mode: 'l2' } });
    t.is(link.address, linkOf(home, UPLINK)!.address);
    // `ip` tells the link below by name when it is in the same namespace, else by index.
    const below = linkInContainer ? link['link'] : link.link_index;
    t.is(below, linkInContainer ? UPLINK : linkOf(home, UPLINK)!.ifindex);
    t.is(interfaces[0]!.mac, link.address);
    t.is(link.ifalias, 'net1/c1/eth0');
  });
}

for (const mtu of [0, -1]) {
  test(`ipvlan ADD: an MTU of ${mtu} is the master's, as with the reference`, (t) => {
    const node = ipvlanNode(t);
    node.host.exec('ip', 'link', 'set', UPLINK, 'mtu', '1300');
    for (const plugin of [node.reference, node.call]) {
      const container = freshNamespace(t);
      succeeded(plugin('ADD', node.config({ mtu }), { netns: container.path }));
      t.is(linkOf(container, 'eth0')!.mtu, 1300);
      t.is(plugin('DEL', node.config({ mtu }), { netns: container.path }).code, 0);
    }
  });
}

for (const mode of ['l2', 'l3', 'l3s']) {
  for (const flag of ['bridge', 'private', 'vepa']) {
    test(`ipvlan ADD: the kernel has mode ${mode} and flag ${flag}`, (t) => {
      const node = ipvlanNode(t);
      const { container } = node.attach(node.config({ mode, flag }));
      const data = linkOf(container, 'eth0')!.linkinfo!.info_data!;
      t.is(data['mode'], mode);
      const set = ['bridge', 'private', 'vepa'].filter((word) => data[word] === true);
      t.deepEqual(set, [flag]);
    });
  }
}
