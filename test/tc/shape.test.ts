/** Options that are made from rates and sizes are those of tc(8). */
import test, { type ExecutionContext } from 'ava';
import { viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import type { Codec } from '../../src/netlink/codec/codec.ts';
import { police } from '../../src/tc/action/kinds/police.ts';
import { action } from '../../src/tc/action/message.ts';
import { tclass } from '../../src/tc/class/message.ts';
import { qdisc } from '../../src/tc/qdisc/message.ts';
import { htb } from '../../src/tc/qdisc/kinds/htb.ts';
import { tbf } from '../../src/tc/qdisc/kinds/tbf.ts';
import { htbOptions, policeOptions, tbfOptions, type PoliceShape } from '../../src/tc/shape.ts';
import { loadFixture } from '../harness/fixture.ts';

type Values = Readonly<Record<string, unknown>>;

/** The struct is `tbf` in actions. */
interface Options {
  readonly parms?: Values;
  readonly tbf?: Values;
}

interface Attrs {
  readonly options: Options;
  /** Actions. */
  readonly tab?: readonly { readonly options: Options }[];
}

/** Ticks in a microsecond, which tc 6.1 cuts off, and rounds down once more. */
const PRECISION = 17;
const TABLES = ['rtab', 'ptab', 'ctab', 'rate', 'peakrate'];
const TIMES = ['buffer', 'cbuffer', 'mtu', 'burst'];

/** Whether our options are those of tc, with times that differ by a microsecond at most. */
function compare(
  t: ExecutionContext,
  name: string,
  message: Codec<any, any>,
  codec: Codec<any, any>,
  options: object,
): void {
  const { bytes } = loadFixture(name);
  const { attrs } = message.get(viewOf(bytes), 16, bytes.length) as { attrs: Attrs };
  const theirs = (attrs.tab?.[0] ?? attrs).options as Options & Record<string, Uint8Array>;
  const writer = new Writer();
  codec.put(writer, options);
  const own = writer.finish();
  const ours = codec.get(viewOf(own), 0, own.length) as typeof theirs;
  t.deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort());
  for (const key of Object.keys(theirs)) {
    if (key === 'parms' || key === 'tbf') continue;
    if (!TABLES.includes(key)) t.deepEqual(ours[key], theirs[key], key);
    else {
      const [mine, other] = [viewOf(ours[key]!), viewOf(theirs[key]!)];
      for (let i = 0; i < 1024; i += 4) {
        const apart = mine.getUint32(i, true) - other.getUint32(i, true);
        t.true(Math.abs(apart) <= PRECISION, `${key} ${i}: ${apart}`);
      }
    }
  }
  const parms = theirs.parms ?? theirs.tbf!;
  const made = ours.parms ?? ours.tbf!;
  for (const key of Object.keys(parms)) {
    if (!TIMES.includes(key)) t.deepEqual(made[key], parms[key], key);
    else {
      // Of a rate that takes eight bytes tc 6.1 takes the largest of four here.
      const share = theirs['rate64'] === undefined ? 0 : 0.2;
      const apart = Math.abs(Number(made[key]) - Number(parms[key]));
      t.true(apart <= 1 + share * Number(parms[key]), key);
    }
  }
}

const TBF = {
  'add-tbf': { rate: 1e6, burst: 5120, latency: 70_000 },
  'add-tbf-peakrate': { rate: 1e6, burst: 10240, limit: 20480, peakrate: 2e6, minburst: 1540 },
  'add-tbf-fast': {
    rate: 40e9,
    burst: 1024 * 1024,
    limit: 2 * 1024 * 1024,
    peakrate: 50e9,
    minburst: 9000,
  },
};
for (const [name, shape] of Object.entries(TBF)) {
  test(`shape: ${name} is as tc makes it`, (t) => {
    compare(t, `tc/qdisc/${name}`, qdisc, tbf, tbfOptions(shape));
  });
}

const HTB = {
  'add-htb': { rate: 1e6, ceil: 5e6, burst: 15360, cburst: 20480, prio: 2, quantum: 3000 },
  'add-htb-fast': { rate: 40e9, ceil: 50e9 },
};
for (const [name, shape] of Object.entries(HTB)) {
  test(`shape: class/${name} is as tc makes it`, (t) => {
    compare(t, `tc/class/${name}`, tclass, htb, htbOptions(shape));
  });
}

const POLICE: Readonly<Record<string, [index: number, shape: PoliceShape]>> = {
  'add-police': [5, { rate: 1e6, burst: 10240, mtu: 2000, exceed: 'drop', conform: 'pipe' }],
  'add-police-fast': [
    7,
    { rate: 40e9, burst: 10 * 1024 * 1024, peakrate: 50e9, mtu: 65536, exceed: 'pipe' },
  ],
  'add-police-packets': [8, { pktsRate: 1000, pktsBurst: 100, exceed: 'drop' }],
};
for (const [name, [index, shape]] of Object.entries(POLICE)) {
  test(`shape: action/${name} is as tc makes it`, (t) => {
    const options = policeOptions(shape);
    const numbered = { ...options, tbf: { ...options.tbf, index } };
    compare(t, `tc/action/${name}`, action, police, numbered);
  });
}

test('shape: police has one kind of rate, with its burst', (t) => {
  const refused = (options: object): string =>
    t.throws(() => policeOptions(options as never), { code: 'ERR_NETLINK_CODEC' })!.message;
  t.is(refused({}), 'police needs either rate or pktsRate');
  t.is(refused({ rate: 8 }), 'police takes both rate and burst, or neither');
  t.is(refused({ pktsRate: 8 }), 'police takes both pktsRate and pktsBurst, or neither');
  t.is(refused({ pktsRate: 1.5, pktsBurst: 1 }), 'pktsRate: 1.5 is not a whole number');
  t.is(
    refused({ rate: 8, burst: 1, pktsRate: 8, pktsBurst: 1 }),
    'police needs either rate or pktsRate',
  );
  t.is(refused({ rate: 8, burst: 1, peakrate: 8 }), 'police with peakrate needs rate and mtu');
  t.is(refused({ rate: -8, burst: 1 }), 'rate: -8 is not a number above 0');
});

test('shape: what is no rate or size is refused', (t) => {
  const refused = (options: object): string =>
    t.throws(() => tbfOptions(options as never), { code: 'ERR_NETLINK_CODEC' })!.message;
  t.is(refused({}), 'tbf needs rate and burst');
  t.is(refused({ rate: 0, burst: 1 }), 'rate: 0 is not a number above 0');
  t.is(refused({ rate: 8, burst: 1 }), 'tbf needs limit or latency');
  t.is(refused({ rate: 8, burst: 1, limit: NaN }), 'limit: NaN is not a number above 0');
  t.is(
    refused({ rate: 8, burst: 1, limit: 1, peakrate: 8 }),
    'tbf takes both peakrate and minburst, or neither',
  );
  t.throws(() => htbOptions({} as never), { message: 'a class of htb needs a rate' });
});
