/** Captured messages by small specifications, beside the declarations of this library. */
import test from 'ava';
import { genericProtocol } from '../../src/genl/generic.ts';
import { toHex, viewOf } from '../../src/netlink/codec/bytes.ts';
import { decode, encode, type Frame } from '../../src/netlink/codec/frame.ts';
import type { Protocol } from '../../src/netlink/codec/protocol.ts';
import { ynlFamily } from '../../src/ynl/index.ts';
import { loadFixtures, type Fixture } from '../harness/fixture.ts';
import { specText, type SpecName } from '../harness/ynl-spec.ts';

/** The declared message types, and keys that have the same value by either declaration. */
const COMPARED: Readonly<Record<string, readonly [spec: SpecName, type: RegExp, keys: string[]]>> =
  {
    'rtnl/link/': ['links', /^RTM_(NEW|DEL|GET)LINK$/, ['ifname', 'mtu', 'numTxQueues']],
    'genl/family/': [
      'controller',
      /^CTRL_CMD_GETFAMILY/,
      ['familyId', 'familyName', 'mcastGroups'],
    ],
  };

function protocolOf(spec: SpecName, { bytes }: Fixture): Protocol {
  const { genl, protocol } = ynlFamily(specText(spec));
  return protocol ?? genericProtocol([[genl!, viewOf(bytes).getUint16(4, true)]]);
}

const attrsOf = ({ payload }: Frame): Record<string, unknown> =>
  (payload as { attrs: Record<string, unknown> }).attrs;

for (const [prefix, [spec, type, keys]] of Object.entries(COMPARED)) {
  test(`ynl: fixtures of ${prefix} say the same by ${spec}.yaml`, (t) => {
    let compared = 0;
    for (const fixture of loadFixtures(prefix)) {
      const protocol = protocolOf(spec, fixture);
      const frames = decode(protocol, fixture.bytes);
      if (!frames.every((frame) => type.test(frame.type as string))) continue;
      compared++;
      const again = frames.map((frame) => toHex(encode(protocol, frame))).join('');
      t.is(again, toHex(fixture.bytes), fixture.name);
      for (const [i, own] of decode(fixture.protocol, fixture.bytes).entries()) {
        for (const key of keys) {
          t.deepEqual(attrsOf(frames[i]!)[key], attrsOf(own)[key], `${fixture.name} ${key}`);
        }
      }
    }
    t.true(compared > 5, String(compared));
  });
}
