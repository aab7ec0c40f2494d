/**
 * Each mode and flag that a configuration may name has been captured from iproute2, asked of the
 * kernel and told by it.
 */
import test from 'ava';
import { FLAGS, MODES } from '../../../src/plugins/ipvlan/config.ts';
import { ipvlanData } from '../../../src/plugins/ipvlan/master.ts';
import { viewOf } from '../../../src/netlink/codec/bytes.ts';
import { NLMSG_HDRLEN } from '../../../src/netlink/constants.ts';
import { link } from '../../../src/plugins/wire/rtnl.ts';
import { loadFixtures } from '../../harness/fixture.ts';

for (const [prefix, direction] of [
  ['rtnl/link/add-ipvlan', 'sent'],
  ['rtnl/link/ipvlan', 'received'],
] as const) {
  test(`ipvlan fixtures: all modes and flags have been ${direction}`, (t) => {
    const seen = loadFixtures(prefix).map(({ name, source, bytes }) => {
      t.is(source.direction, direction, name);
      t.regex(source.program, /iproute2/, name);
      return ipvlanData(link.get(viewOf(bytes), NLMSG_HDRLEN, bytes.length))!;
    });
    t.deepEqual([...new Set(seen.map(({ mode }) => mode))].sort(), [...MODES].sort());
    t.deepEqual([...new Set(seen.map(({ flag }) => flag))].sort(), [...FLAGS].sort());
  });
}
