/** What cannot be asked or set is an error that names it, before anything is sent. */
import test from 'ava';
import { CodecError } from '../../src/errors.ts';
import { devlink } from '../../src/devlink/devlink.ts';
import { fmsgValue } from '../../src/devlink/objects/fmsg.ts';
import { devlinkVerbs, type DevlinkConnection } from '../../src/devlink/verbs.ts';
import { bytesOfValue, valueOf } from '../../src/devlink/value.ts';
import { genericProtocol } from '../../src/genl/generic.ts';
import { connect } from '../../src/netlink/connection.ts';
import { fakeSocket } from '../../src/netlink/fake.ts';

const FAMILY = 30;
const sent: Uint8Array[] = [];
const dl = devlinkVerbs({
  ...connect(
    genericProtocol([[devlink, FAMILY]]),
    fakeSocket((datagram) => {
      sent.push(datagram);
      return [];
    }),
  ),
  command: (cmd: string, attrs?: object) => ({
    message: devlink.messages.find(({ types }) => Object.hasOwn(types, cmd)),
    type: FAMILY,
    value: { cmd, version: devlink.version, attrs },
  }),
} as unknown as DevlinkConnection) as any;

const N = 'pci/0000:01:00.0';

for (const [what, act, message] of [
  ['a device without a bus', () => dl.devs.get('eth0'), /"eth0" is not a device, such as/],
  ['a device with too many parts', () => dl.devs.get(`${N}/1`), /is not a device/],
  ['a device with an empty part', () => dl.devs.info('pci/'), /"pci\/" is not a device/],
  ['a device that is no text', () => dl.devs.get(5), /5 is not a device/],
  ['a device with a NUL', () => dl.devs.get('pci/a\0b'), /is not a device/],
  ['a filter that is no device', () => dl.ports.list({ dev: 'x' }), /"x" is not a device/],
  ['a filter with another key', () => dl.ports.list({ device: N }), /"device" is none of dev/],
  ['a port with a word', () => dl.ports.get(`${N}/x`), /is not a port, such as/],
  ['a port beyond 32 bits', () => dl.ports.get(`${N}/4294967296`), /is not a port/],
  [
    'a port with another key',
    () => dl.ports.set(`${N}/1`, { typ: 'eth' }),
    /"typ" is none of type/,
  ],
  ['a type of ports', () => dl.ports.set(`${N}/1`, { type: 'token' }), /DEVLINK_ATTR_PORT_TYPE/],
  ['a count of ports', () => dl.ports.split(`${N}/1`, 1.5), /DEVLINK_ATTR_PORT_SPLIT_COUNT/],
  ['a flavour', () => dl.ports.add(N, { flavour: 'x' }), /DEVLINK_ATTR_PORT_FLAVOUR/],
  ['a reporter on no port', () => dl.health.recover(`${N}/x`, 'tx'), /or a port of it/],
  ['a period that is no bigint', () => dl.health.set(N, 'tx', { gracePeriod: 1.5 }), /GRACEFUL/],
  ['another key of a reporter', () => dl.health.set(N, 'tx', { grace: 5n }), /"grace" is none of/],
  ['a region without a name', () => dl.regions.get('pci'), /"pci" is not a region, such as/],
  ['a region of no port', () => dl.regions.get(`${N}/x/y`), /is not a region/],
  ['a length below 0', () => dl.regions.read(`${N}/cr`, { length: -1 }), /length must be/],
  [
    'an address that is no number',
    () => dl.regions.read(`${N}/cr`, { address: 'x', length: 1 }),
    /address must be .*"x"/,
  ],
  [
    'an action of traps',
    () => dl.traps.set(N, 'x', { action: 'keep' }),
    /DEVLINK_ATTR_TRAP_ACTION/,
  ],
  ['another key of a trap', () => dl.traps.set(N, 'x', { actoin: 'trap' }), /"actoin" is none of/],
  ['a rate of a policer', () => dl.trapPolicers.set(N, 1, { rate: 'x' }), /TRAP_POLICER_RATE/],
  ['a node that is a port', () => dl.rates.add(`${N}/1`), /is the port .*, not the name of a node/],
  ['a limit that is no number', () => dl.rates.set(`${N}/1`, { txMax: {} }), /RATE_TX_MAX/],
  [
    'a mode of the switch',
    () => dl.devs.setEswitch(N, { mode: 'on' }),
    /DEVLINK_ATTR_ESWITCH_MODE/,
  ],
  ['an action of reloads', () => dl.devs.reload(N, { action: 'x' }), /DEVLINK_ATTR_RELOAD_ACTION/],
  [
    'sections to overwrite',
    () => dl.devs.flash(N, { file: 'x', overwrite: ['all'] }),
    /OVERWRITE_MASK/,
  ],
  ['a pool', () => dl.sbs.setPool(N, { pool: 70000 }), /DEVLINK_ATTR_SB_POOL_INDEX/],
  ['a size of resources', () => dl.resources.set(N, '/x', -1n), /size must be .*-1/],
] as const) {
  test(`devlink: ${what} is named before anything is sent`, (t) => {
    t.throws(act, { instanceOf: CodecError, message });
    t.deepEqual(sent, []);
  });
}

test('devlink: values of parameters come back, and others are refused', (t) => {
  for (const [type, value] of [
    ['u8', 255],
    ['u16', 65535],
    ['u32', 0xffffffff],
    ['u64', 2n ** 64n - 1n],
    ['string', 'text'],
    ['flag', true],
    ['flag', false],
    ['binary', Uint8Array.of(1, 2)],
  ] as const) {
    t.deepEqual(valueOf(type, bytesOfValue(type, value)), value);
  }
  for (const [type, value] of [
    ['u8', 256],
    ['u32', 'x'],
    ['flag', 1],
    ['string', 5],
    ['binary', 'x'],
  ] as const) {
    t.throws(() => bytesOfValue(type, value), { instanceOf: CodecError });
  }
});

test('devlink: a report that is cut off anywhere has what is there', (t) => {
  const items = [
    { fmsgObjNestStart: true },
    { fmsgPairNestStart: true },
    { fmsgObjName: 'list' },
    { fmsgArrNestStart: true },
    { fmsgObjValueType: 'u8' },
    { fmsgObjValueData: Uint8Array.of(7) },
    { fmsgNestEnd: true },
    { fmsgNestEnd: true },
    { fmsgNestEnd: true },
  ] as const;
  t.deepEqual(fmsgValue(items), { list: [7] });
  for (let length = 0; length < items.length; length++) {
    t.notThrows(() => fmsgValue(items.slice(0, length)));
  }
});
