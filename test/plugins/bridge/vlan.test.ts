/** VLANs from the configuration, and the message that puts a port into them. */
import { viewOf, Writer } from '../../../src/netlink/codec/bytes.ts';
import type { BridgeLink } from '../../../src/rtnl/link/message.ts';
import test from 'ava';
import {
  addVlans,
  portVlans,
  requireVlan,
  trunkVlans,
  vlanRanges,
} from '../../../src/plugins/bridge/vlan.ts';
import { rtnetlink } from '../../../src/rtnl/rtnetlink.ts';

test('vlan: a trunk is the union of ranges and single VLANs, ascending', (t) => {
  t.deepEqual(trunkVlans([]), []);
  t.deepEqual(trunkVlans([{}]), []);
  t.deepEqual(trunkVlans([{ minID: 10, maxID: 12 }]), [10, 11, 12]);
  t.deepEqual(trunkVlans([{ id: 7 }]), [7]);
  t.deepEqual(trunkVlans([{ id: 11 }, { minID: 10, maxID: 12, id: 3 }]), [3, 10, 11, 12]);
});

const WRONG = [
  [{ minID: 5 }, 'minID and maxID should be configured simultaneously, maxID is missing'],
  [{ maxID: 5 }, 'minID and maxID should be configured simultaneously, minID is missing'],
  [{ minID: -1, maxID: 5 }, 'incorrect trunk minID parameter'],
  [{ minID: 4095, maxID: 5 }, 'incorrect trunk minID parameter'],
  [{ minID: 5, maxID: 4095 }, 'incorrect trunk maxID parameter'],
  [{ minID: 10, maxID: 5 }, 'minID is greater than maxID in trunk parameter'],
  [{ id: 4095 }, 'incorrect trunk id parameter'],
  [{ id: -1 }, 'incorrect trunk id parameter'],
] as const;

for (const [item, msg] of WRONG) {
  test(`vlan: a trunk of ${JSON.stringify(item)} is refused: ${msg}`, (t) => {
    t.like(
      t.throws(() => trunkVlans([item])),
      { code: 7, msg },
    );
  });
}

test('vlan: 0 to 4094 is a VLAN or none', (t) => {
  t.notThrows(() => [0, 1, 4094].forEach(requireVlan));
  for (const vlan of [-100, 4095, 5000]) {
    t.is(
      t.throws(() => requireVlan(vlan)).message,
      `invalid VLAN ID ${vlan} (must be between 0 and 4094)`,
    );
  }
});

test('vlan: neighbouring numbers make a range', (t) => {
  t.deepEqual(vlanRanges([1, 3, 4, 5, 9]), [
    [1, 1],
    [3, 5],
    [9, 9],
  ]);
});

test('vlan: the own VLAN stays the native one when the trunk names it too', (t) => {
  t.deepEqual(portVlans({ vlan: 100, trunk: [99, 100, 101] }), { native: 100, tagged: [99, 101] });
  t.deepEqual(portVlans({ vlan: 0, trunk: [1, 2] }), { native: 1, tagged: [2] });
  t.is(portVlans({ vlan: 0, trunk: [] }), undefined);
});

test('vlan: a range is two entries, whatever lies between them', (t) => {
  const tagged = Array.from({ length: 4093 }, (_, i) => i + 2);
  const request = addVlans(7, { native: 1, tagged });
  const writer = new Writer();
  request.message.put(writer, request.value);
  const declared = rtnetlink.find(request.type, 7)!;
  t.is(declared.name, 'bridgeLink');
  const { attrs } = declared.get(viewOf(writer.bytes), 0, writer.at) as BridgeLink;
  t.deepEqual(attrs.afSpec?.vlanInfo, [
    { vid: 1, flags: ['pvid', 'untagged'] },
    { vid: 2, flags: ['range_begin'] },
    { vid: 4094, flags: ['range_end'] },
  ]);
});
