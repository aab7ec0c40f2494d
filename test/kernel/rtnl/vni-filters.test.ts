/** The VNIs of a VXLAN link, held against bridge(8): before and after a request of ours. */
import { RTM_DELTUNNEL, RTM_NEWTUNNEL } from '../../../src/rtnl/constants.ts';
import { open } from '../../../src/rtnl/open.ts';
import { vniFilter, type VniFilter } from '../../../src/rtnl/vni-filter.ts';
import { dump } from '../../harness/live-dump.ts';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const VX = 50;

needs('vxlan', 'veth')('VNI filters: bridge -j vni says the same as we do and have set', (t) => {
  const ns = freshNamespace(t);
  for (const command of [
    'ip link add e0 type veth peer name e1',
    `ip link add vx0 index ${VX} type vxlan external vnifilter dstport 4789 local 192.0.2.1 dev e0`,
    'bridge vni add vni 100-102 group 239.1.1.1 dev vx0',
  ]) {
    ns.exec(...(command.split(' ') as [string, ...string[]]));
  }
  const theirs = (): Row[] => {
    const [row] = JSON.parse(ns.exec('bridge', '-j', 'vni', 'show')) as [Row?];
    return (row?.['vnis'] ?? []) as Row[];
  };
  const ours = (): Row[] =>
    dump<VniFilter>(t, ns, 'RTM_GETTUNNEL', { family: 'bridge' })
      .flatMap(({ attrs }) => attrs.entry ?? [])
      .map(({ start, end, group }) => ({
        vni: start,
        ...(end === undefined ? {} : { vniEnd: end }),
        ...(group === undefined ? {} : { group }),
      }));
  t.deepEqual(theirs(), [{ vni: 100, vniEnd: 102, group: '239.1.1.1' }]);
  t.deepEqual(ours(), theirs());

  using rt = open({ netns: ns.path });
  const request = (type: number, start: number, end: number): void => {
    const value = { family: 'bridge', ifindex: VX, attrs: { entry: [{ start, end }] } } as const;
    rt.request({ message: vniFilter, type, value });
  };
  request(RTM_NEWTUNNEL, 200, 203);
  t.deepEqual(theirs()[1], { vni: 200, vniEnd: 203 });
  t.deepEqual(ours(), theirs());
  request(RTM_DELTUNNEL, 200, 203);
  t.deepEqual(theirs(), [{ vni: 100, vniEnd: 102, group: '239.1.1.1' }]);
});
