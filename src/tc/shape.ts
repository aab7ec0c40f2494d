/**
 * Options of token buckets from rates and sizes, as tc(8) computes them. The kernel wants the time
 * to send a burst at the rate, and a table of the transmission times of 256 packet sizes.
 *
 * tc_calc_rtable() and tc_calc_xmittime() of iproute2's tc/tc_core.c; tc-tbf(8), tc-htb(8).
 */
import type { Control } from './action/control.ts';
import { checkedFunction } from '../netlink/codec/arguments.ts';
import { LITTLE_ENDIAN } from '../netlink/codec/bytes.ts';
import type { Input } from '../netlink/codec/codec.ts';
import { describe } from '../netlink/codec/given.ts';
import { CodecError } from '../errors.ts';
import type { police } from './action/kinds/police.ts';
import type { htb } from './qdisc/kinds/htb.ts';
import type { tbf } from './qdisc/kinds/tbf.ts';
import type { ratespec } from './units.ts';

/** A rate, and what the link adds to each packet. */
export interface Bucket {
  /** In bit/s. */
  readonly rate: number;
  /** The most that may be sent at once, in bytes. */
  readonly burst: number;
  /** Bytes that the link adds to a packet. */
  readonly overhead?: number | undefined;
  /** The smallest size that a packet counts as, in bytes. */
  readonly mpu?: number | undefined;
  /** The largest packet, in bytes. */
  readonly mtu?: number | undefined;
}

export interface TbfShape extends Bucket {
  /** Queue limit in bytes; or give `latency`. */
  readonly limit?: number | undefined;
  /** The longest time that a packet may wait, in microseconds. */
  readonly latency?: number | undefined;
  /** The rate within a burst, in bit/s. */
  readonly peakrate?: number | undefined;
  /** In bytes, with `peakrate`; at least the MTU. */
  readonly minburst?: number | undefined;
}

export interface HtbShape extends Omit<Bucket, 'burst'> {
  readonly burst?: number | undefined;
  /** The rate including what other classes leave unused, in bit/s; default `rate`. */
  readonly ceil?: number | undefined;
  /** `burst` at the ceiling. */
  readonly cburst?: number | undefined;
  readonly prio?: number | undefined;
  /** Bytes that the class may send before the next one has its turn. */
  readonly quantum?: number | undefined;
}

export interface PoliceShape extends Partial<Bucket> {
  /** The rate within a burst, in bit/s; needs `mtu`. */
  readonly peakrate?: number | undefined;
  /** Packets per second; needs `pktsBurst`. */
  readonly pktsRate?: number | undefined;
  /** Packets that may be sent at once. */
  readonly pktsBurst?: number | undefined;
  /** What happens to packets above the rate; default `reclassify`. */
  readonly exceed?: Control | undefined;
  /** What happens to the others; default `pass`. */
  readonly conform?: Control | undefined;
}

const MAX = 2 ** 32;

/** A rate in a struct, where the kernel has bytes per second in 32 bits. */
const small = (rate: number): number => (rate / 8 >= MAX ? (MAX - 1) * 8 : rate);
/** The same in an attribute of its own. */
const large = (rate: number): bigint | undefined => (rate / 8 >= MAX ? BigInt(rate) : undefined);

/** The time to send some bytes at a rate in bit/s, in ticks of 64 ns. */
const sendTicks = (rate: number, size: number): number =>
  Math.ceil(((1_000_000 * size) / (rate / 8)) * 15.625);
const asMicroseconds = (ticks: number): number => (ticks * 64) / 1000;

interface Table {
  readonly spec: Input<typeof ratespec>;
  readonly bytes: Uint8Array;
}

function rateTable(
  rate: number,
  mtu: number,
  { overhead = 0, mpu = 0 }: Pick<Bucket, 'overhead' | 'mpu'>,
): Table {
  let cellLog = 0;
  while (mtu >> cellLog > 255) cellLog++;
  const bytes = new Uint8Array(1024);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 256; i++) {
    const ticks = sendTicks(rate, Math.max((i + 1) << cellLog, mpu));
    view.setUint32(4 * i, Math.min(ticks, MAX - 1), LITTLE_ENDIAN);
  }
  const ethernet = 1;
  const spec = { cellLog, linklayer: ethernet, overhead, cellAlign: -1, mpu, rate: small(rate) };
  return { spec, bytes };
}

function mustBeWhole(key: string, value: number | undefined): void {
  if (value === undefined || Number.isSafeInteger(value)) return;
  throw new CodecError(`${key}: ${String(value)} is not a whole number`);
}

function mustBePositive(key: string, value: number | undefined): void {
  if (value === undefined || (Number.isFinite(value) && value > 0)) return;
  throw new CodecError(`${key}: ${String(value)} is not a number above 0`);
}

/** A size of a packet, or of what is added to it: the table has room for those below 2^31. */
function mustBeSize(key: string, value: number | undefined, least: number): void {
  if (value === undefined || (value >= least && value < 2 ** 31 && Number.isInteger(value))) return;
  throw new CodecError(`${key}: ${describe(value)} is not a number of bytes from ${least} on`);
}

/** Throws CodecError for a key that a shape does not have, and for sizes that are none. */
function checkShape(shape: object, keys: readonly string[]): void {
  const { mtu, mpu, overhead } = shape as Partial<Bucket>;
  for (const key of Object.keys(shape)) {
    if (keys.includes(key) || BUCKET.includes(key)) continue;
    throw new CodecError(`"${key}" is not one of ${[...BUCKET, ...keys].join(', ')}`);
  }
  mustBeSize('mtu', mtu, 1);
  mustBeSize('mpu', mpu, 0);
  mustBeSize('overhead', overhead, 0);
}
const BUCKET = ['rate', 'burst', 'overhead', 'mpu', 'mtu'];

/**
 * Options of a qdisc of kind `tbf`: `options: tbfOptions({ rate: 1e6, burst: 5000, limit: 9000 })`.
 *
 * @throws CodecError for a rate or a size that is not above 0, and without `limit` and `latency`
 */
export const tbfOptions = checkedFunction(
  'tbfOptions',
  'shape: object',
  (shape: TbfShape): Input<typeof tbf> => {
    checkShape(shape, ['limit', 'latency', 'peakrate', 'minburst']);
    const { rate, burst, latency, peakrate, minburst, mtu = minburst ?? 2047 } = shape;
    for (const key of ['rate', 'burst', 'limit', 'latency', 'peakrate', 'minburst'] as const) {
      mustBePositive(key, shape[key]);
    }
    if (rate === undefined || burst === undefined) throw new CodecError('tbf needs rate and burst');
    if ((peakrate === undefined) !== (minburst === undefined)) {
      throw new CodecError('tbf takes both peakrate and minburst, or neither');
    }
    let { limit } = shape;
    if (limit === undefined) {
      if (latency === undefined) throw new CodecError('tbf needs limit or latency');
      const slowest = (at: number, size: number): number => (at / 8) * (latency / 1e6) + size;
      limit = slowest(rate, burst);
      if (peakrate !== undefined) limit = Math.min(limit, slowest(peakrate, minburst!));
    }
    const table = rateTable(rate, mtu, shape);
    const peak = peakrate === undefined ? undefined : rateTable(peakrate, mtu, shape);
    return {
      parms: {
        rate: table.spec,
        peakrate: peak?.spec,
        limit: Math.floor(limit),
        buffer: asMicroseconds(sendTicks(rate, burst)),
        mtu: peak && asMicroseconds(sendTicks(peakrate!, minburst!)),
      },
      burst,
      rate64: large(rate),
      rtab: table.bytes,
      ...(peak && { pburst: minburst, prate64: large(peakrate!), ptab: peak.bytes }),
    };
  },
);

/**
 * Options of a class of kind `htb`: `options: htbOptions({ rate: 1e6, ceil: 5e6 })`.
 *
 * @throws CodecError for a rate or a size that is not above 0
 */
export const htbOptions = checkedFunction(
  'htbOptions',
  'shape: object',
  (shape: HtbShape): Input<typeof htb> => {
    checkShape(shape, ['ceil', 'cburst', 'prio', 'quantum']);
    const { rate, ceil = rate, mtu = 1600, prio, quantum } = shape;
    for (const key of ['rate', 'ceil', 'burst', 'cburst'] as const) {
      mustBePositive(key, shape[key]);
    }
    if (rate === undefined) throw new CodecError('a class of htb needs a rate');
    const { burst = mtu, cburst = mtu } = shape;
    const table = rateTable(rate, mtu, shape);
    const most = rateTable(ceil, mtu, shape);
    return {
      rate64: large(rate),
      ceil64: large(ceil),
      parms: {
        rate: table.spec,
        ceil: most.spec,
        buffer: asMicroseconds(sendTicks(rate, burst)),
        cbuffer: asMicroseconds(sendTicks(ceil, cburst)),
        prio,
        quantum,
      },
      rtab: table.bytes,
      ctab: most.bytes,
    };
  },
);

type Ratespec = Input<typeof ratespec>;

/**
 * A rate with its table. The kernel does not report the cell size; this one is for packets of up to
 * 2047 bytes.
 */
function withTable<K extends string>(
  key: K,
  spec: Ratespec | undefined,
  large: unknown,
): { spec: Ratespec | undefined; table: Partial<Record<K, Uint8Array>> } {
  if (!spec?.rate) return { spec, table: {} };
  const { spec: own, bytes } = rateTable(Number(large ?? spec.rate), 2047, spec);
  return {
    spec: { ...spec, cellLog: own.cellLog },
    table: { [key]: bytes } as Record<K, Uint8Array>,
  };
}

/** Options of `police` with the tables that the kernel requires but does not report. */
export function withRateTables(options: Input<typeof police>): Input<typeof police> {
  const { tbf } = options;
  if (tbf === undefined || options.rate !== undefined) return options;
  const rate = withTable('rate', tbf.rate, options.rate64);
  const peak = withTable('peakrate', tbf.peakrate, options.peakrate64);
  return {
    ...options,
    tbf: { ...tbf, rate: rate.spec, peakrate: peak.spec },
    ...rate.table,
    ...peak.table,
  };
}

/** Ticks of 64 ns in a second. */
const TICKS = 15_625_000n;

/**
 * Options of an action of kind `police`: `options: policeOptions({ rate: 1e6, burst: 9000 })`.
 *
 * @throws CodecError for a rate or a size that is not above 0, a rate without its burst, both kinds
 * of rate, and a peak rate without `rate` and `mtu`
 */
export const policeOptions = checkedFunction(
  'policeOptions',
  'shape: object',
  (shape: PoliceShape): Input<typeof police> => {
    checkShape(shape, ['peakrate', 'pktsRate', 'pktsBurst', 'exceed', 'conform']);
    const { rate, burst, peakrate, pktsRate, pktsBurst, mtu } = shape;
    for (const key of ['rate', 'burst', 'peakrate', 'pktsRate', 'pktsBurst'] as const) {
      mustBePositive(key, shape[key]);
    }
    for (const key of ['pktsRate', 'pktsBurst'] as const) mustBeWhole(key, shape[key]);
    if ((rate === undefined) !== (burst === undefined)) {
      throw new CodecError('police takes both rate and burst, or neither');
    }
    if ((pktsRate === undefined) !== (pktsBurst === undefined)) {
      throw new CodecError('police takes both pktsRate and pktsBurst, or neither');
    }
    if ((rate === undefined) === (pktsRate === undefined)) {
      throw new CodecError('police needs either rate or pktsRate');
    }
    if (peakrate !== undefined && (rate === undefined || mtu === undefined)) {
      throw new CodecError('police with peakrate needs rate and mtu');
    }
    const table = rate === undefined ? undefined : rateTable(rate, mtu ?? 2047, shape);
    const peak = peakrate === undefined ? undefined : rateTable(peakrate, mtu!, shape);
    return {
      tbf: {
        action: shape.exceed ?? 'reclassify',
        burst: table && asMicroseconds(sendTicks(rate!, burst!)),
        mtu,
        rate: table?.spec,
        peakrate: peak?.spec,
      },
      ...(table && { rate: table.bytes, rate64: large(rate!) }),
      ...(peak && { peakrate: peak.bytes, peakrate64: large(peakrate!) }),
      ...(pktsRate !== undefined && {
        pktrate64: BigInt(pktsRate),
        pktburst64: (BigInt(pktsBurst!) * TICKS) / BigInt(pktsRate),
      }),
      result: shape.conform,
    };
  },
);
