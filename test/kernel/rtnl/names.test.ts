/**
 * Names that are not UTF-8: the kernel takes any bytes, and what a list shows is what finds the
 * link.
 */
import { open } from '../../../src/rtnl/open.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

needs('bridge')(
  'names: a link whose name is not UTF-8 is found, changed and deleted by it',
  (t) => {
    const ns = freshNamespace(t);
    // dash knows octal escapes only.
    ns.exec('sh', '-c', `ip link add "$(printf 'br\\377\\303(')" type bridge`);
    using rt = open({ netns: ns.path });
    const shown = rt.links.list().find(({ kind }) => kind === 'bridge')!;
    t.is(shown.ifname, 'br\udcff\udcc3(');
    const { ifname } = shown;
    t.is(rt.links.get(ifname)?.index, shown.index);
    rt.links.set(ifname, { flags: ['up'] });
    rt.addrs.add({ dev: ifname, local: '192.0.2.1/24' });
    t.is(rt.addrs.list({ dev: ifname }).length > 0, true);
    t.throws(() => rt.links.get('br\ufffd\ufffd('), { code: 'ENODEV' });
    rt.links.delete(ifname);
    t.false(rt.links.list().some(({ kind }) => kind === 'bridge'));
  },
);
