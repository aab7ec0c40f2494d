/**
 * Our verbs over what Linux 6.12 with netdevsim answered, held against what `devlink -j` printed at
 * the same time. `scripts/record-netdevsim.sh` made the recording.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { devlinkVerbs, type DevlinkConnection } from '../../src/devlink/verbs.ts';
import { devlink } from '../../src/devlink/devlink.ts';
import { genericProtocol } from '../../src/genl/generic.ts';
import { fromHex, viewOf } from '../../src/netlink/codec/bytes.ts';
import { connect } from '../../src/netlink/connection.ts';
import { fakeSocket } from '../../src/netlink/fake.ts';
import { ASKED } from './asked.ts';

type Row = Record<string, any>;
interface Recording {
  readonly family: number;
  readonly shown: Readonly<Record<string, Row>>;
  readonly exchanges: readonly (readonly [request: string, answers: readonly string[]])[];
}

const recording = JSON.parse(
  readFileSync(join(import.meta.dirname, 'netdevsim.json'), 'utf8'),
) as Recording;

/** `struct nlmsghdr` ends with sequence number and port, which differ from run to run. */
const SEQ = 8;
const PORT = 12;

const unnumbered = (bytes: Uint8Array): string => {
  const copy = bytes.slice();
  copy.fill(0, SEQ, PORT + 4);
  return Buffer.from(copy).toString('hex');
};

/** The kernel of the recording: the answers to a request that is in it. */
function kernel(request: Uint8Array): Uint8Array[] {
  const found = recording.exchanges.find(
    ([asked]) => unnumbered(fromHex(asked)) === unnumbered(request),
  );
  if (found === undefined) throw new Error('the recording does not have this request');
  const asked = viewOf(fromHex(found[0])).getUint32(SEQ, true);
  const seq = viewOf(request).getUint32(SEQ, true);
  return found[1].map((hex) => {
    const datagram = fromHex(hex);
    const view = viewOf(datagram);
    for (let at = 0; at < datagram.length; at += (view.getUint32(at, true) + 3) & ~3) {
      // The acknowledgement of a request with several answers may come before the next answer.
      const own = view.getUint32(at + SEQ, true) === asked;
      view.setUint32(at + SEQ, own ? seq : 0, true);
    }
    return datagram;
  });
}

const protocol = genericProtocol([[devlink, recording.family]]);
const dl = devlinkVerbs({
  ...connect(protocol, fakeSocket(kernel)),
  command: (cmd: string, attrs?: object) => ({
    message: devlink.messages.find(({ types }) => Object.hasOwn(types, cmd)),
    type: recording.family,
    value: { cmd, version: devlink.version, attrs },
  }),
} as unknown as DevlinkConnection);

const isGiven = ([, value]: [string, unknown]): boolean =>
  value !== undefined && value !== 0 && value !== '';
/** Keys with a value; devlink(8) leaves out some that are 0. */
const given = (row: Row): Row => Object.fromEntries(Object.entries(row).filter(isGiven));
const plain = (value: unknown): unknown =>
  value instanceof Uint8Array ? [...value] : typeof value === 'bigint' ? Number(value) : value;

/** Lists by the device that they belong to. */
function byDev(objects: readonly Row[], row: (object: Row) => Row): Row {
  const devs: Record<string, Row[]> = {};
  for (const object of objects) (devs[object['dev'] as string] ??= []).push(row(object));
  return devs;
}

const port = ({ type, netdev, flavour, number, controller, pfnum, vfnum, ...rest }: Row): Row => {
  const { splittable, external } = rest;
  return { type, netdev, flavour, port: number, controller, pfnum, vfnum, external, splittable };
};
const unlimited = (size?: bigint) =>
  size === 2n ** 64n - 1n ? 'unlimited' : size === undefined ? undefined : Number(size);
const resource = (each: Row): Row => ({
  name: each['name'],
  size: unlimited(each['size']),
  size_new: unlimited(each['sizeNew']),
  occ: plain(each['occ']),
  unit: each['unit'],
  size_min: unlimited(each['sizeMin']),
  size_max: unlimited(each['sizeMax']),
  size_gran: unlimited(each['sizeGran']),
  dpipe_tables: 'none',
  size_valid: each['sizeValid'] === undefined ? undefined : String(each['sizeValid']),
  resources:
    each['resources'].length === 0 ? undefined : each['resources'].map(resource).map(given),
});

/** What a verb gave, as devlink(8) prints it. */
const PRINTED: Readonly<Record<string, (ours: any) => Row>> = {
  port: (ours: Row[]) => ({
    port: Object.fromEntries(ours.map((each) => [each['port'], given(port(each))])),
  }),
  info: (ours: Row[]) => ({
    info: Object.fromEntries(
      ours.map(({ dev, driver, versions }) => {
        const { running, stored } = versions;
        return [dev, { driver, versions: { running, stored } }];
      }),
    ),
  }),
  param: (ours: Row[]) => ({
    param: byDev(ours, ({ name, generic, values }) => ({
      name,
      type: generic ? 'generic' : 'driver-specific',
      values,
    })),
  }),
  health: (ours: Row[]) => ({
    health: byDev(ours, (each) => ({
      reporter: each['reporter'],
      state: each['state'],
      error: Number(each['error']),
      recover: Number(each['recover']),
      grace_period: plain(each['gracePeriod']),
      auto_recover: each['autoRecover'],
      auto_dump: each['autoDump'],
    })),
  }),
  regions: (ours: Row[]) => ({
    regions: Object.fromEntries(
      ours.map(({ region, size, snapshots, maxSnapshots }) => [
        region,
        { size: Number(size), snapshot: snapshots, max: maxSnapshots },
      ]),
    ),
  }),
  read: (ours: Uint8Array) => ({ read: { address: 16, data: [...ours] } }),
  trap: (ours: Row[]) => ({
    trap: byDev(ours, ({ name, type, generic = false, action, group }) => ({
      ...{ name, type, generic, action, group },
    })),
  }),
  trap_group: (ours: Row[]) => ({
    trap_group: byDev(ours, ({ name, generic, policer }) => given({ name, generic, policer })),
  }),
  trap_policer: (ours: Row[]) => ({
    trap_policer: byDev(ours, ({ policer, rate, burst }) => ({
      policer,
      rate: Number(rate),
      burst: Number(burst),
    })),
  }),
  rate: (ours: Row[]) => ({
    rate: Object.fromEntries(
      ours.map(({ rate, type, txShare, txMax, parent }) => [
        rate,
        given({ type, tx_share: Number(txShare), tx_max: Number(txMax), parent }),
      ]),
    ),
  }),
  resources: (ours: Row[]) => ({
    resources: { 'netdevsim/netdevsim1': ours.map(resource).map(given) },
  }),
  dev: (ours: Row[]) => ({
    dev: Object.fromEntries(ours.map(({ dev, mode }) => [dev, { mode }])),
  }),
};

/** Without what devlink(8) computes from the clock, and zeros that it leaves out or not. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return plain(value);
  const entries = Object.entries(value).filter(
    (entry) => isGiven(entry) && !/^last_dump_/.test(entry[0]),
  );
  return Object.fromEntries(
    entries.map(([key, item]) => [key, item instanceof Uint8Array ? [...item] : comparable(item)]),
  );
}

for (const [command, shown] of Object.entries(recording.shown)) {
  test(`devlink ${command}: our verbs say the same`, (t) => {
    const ours = ASKED[command]!(dl);
    const print = PRINTED[Object.keys(shown)[0]!];
    t.deepEqual(comparable(print === undefined ? ours : print(ours)), comparable(shown));
  });
}
