/**
 * What every action has: what happens to the packet, how many filters use it, and when it was used.
 *
 * include/uapi/linux/pkt_cls.h, `tc_gen`, `TC_ACT_*`, `struct tcf_t`; tc-actions(8), "CONTROL".
 */
import { CodecError } from '../../errors.ts';
import { mapped, s32, u32, type Scalar } from '../../netlink/codec/codec.ts';
import { describe } from '../../netlink/codec/given.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { clock } from '../units.ts';

const VERDICTS = {
  continue: -1,
  pass: 0,
  reclassify: 1,
  drop: 2,
  pipe: 3,
  stolen: 4,
  queued: 5,
  repeat: 6,
  redirect: 7,
  trap: 8,
} as const;
/** Verdicts with a number in their lower 28 bits. */
const WITH_NUMBER = { jump: 1, 'goto chain': 2 } as const;
const SHIFT = 28;
const MASK = 2 ** SHIFT - 1;

type Verdict = keyof typeof VERDICTS;
/**
 * What happens to a packet: a word, `goto chain 5`, `jump 2`, or the number of an unknown verdict.
 */
export type Control = Verdict | `${keyof typeof WITH_NUMBER} ${number}` | (number & {});

const byNumber = new Map<number, Control>(
  Object.entries(VERDICTS).map(([word, number]) => [number, word as Verdict]),
);

function controlOf(number: number): Control {
  const known = byNumber.get(number);
  if (known !== undefined) return known;
  for (const word of Object.keys(WITH_NUMBER) as (keyof typeof WITH_NUMBER)[]) {
    if (number >> SHIFT === WITH_NUMBER[word]) return `${word} ${number & MASK}`;
  }
  return number;
}

function numberOf(value: Control): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') {
    if (Object.hasOwn(VERDICTS, value)) return VERDICTS[value as Verdict];
    const [, word, number] = /^(jump|goto chain) (\d+)$/.exec(value) ?? [];
    if (word !== undefined && Number(number) <= MASK) {
      return (WITH_NUMBER[word as keyof typeof WITH_NUMBER] << SHIFT) | Number(number);
    }
  }
  const words = Object.keys(VERDICTS).join(', ');
  throw new CodecError(`${describe(value)} is not one of ${words}, jump N, goto chain N`);
}

/** What happens to a packet. */
export const control: Scalar<Control> = mapped<Control>(s32, {
  type: 'control action in s32',
  map: controlOf,
  number: numberOf,
  show: String,
});

/** The first fields of all actions' parameters. */
export const gen = { index: u32, capab: u32, action: control, refcnt: s32, bindcnt: s32 } as const;

/** The times since it was created, first used and last used. */
export const tcfT = struct('tcf_t', {
  install: clock,
  lastuse: clock,
  expires: clock,
  firstuse: clock,
});
