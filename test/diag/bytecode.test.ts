/** The program by which the kernel filters sockets: made from conditions, read and written. */
import test from 'ava';
import { fromHex, toHex, viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import type { Remark } from '../../src/netlink/codec/codec.ts';
import { bytecode, type Instruction } from '../../src/diag/inet/bytecode.ts';
import { programOf, type SocketMatch } from '../../src/diag/inet/conditions.ts';

function encode(program: readonly Instruction[], note?: string): string {
  const writer = new Writer();
  bytecode.put(writer, program, note);
  return toHex(writer.finish());
}
const decode = (hex: string, remark?: Remark): Instruction[] => {
  const bytes = fromHex(hex);
  return bytecode.get(viewOf(bytes), 0, bytes.length, remark);
};

/** A socket as far as the conditions below look. */
interface Seen {
  readonly sport: number;
  readonly dport: number;
}

/** As inet_diag_bc_run() does it. */
function accepts(program: readonly Instruction[], { sport, dport }: Seen): boolean {
  const hex = encode(program);
  const view = viewOf(fromHex(hex));
  let at = 0;
  while (at < view.byteLength) {
    const [{ op, no, port = 0 }] = decode(hex.slice(2 * at)) as [Instruction];
    const holds =
      op === 's_ge'
        ? sport >= port
        : op === 's_le'
          ? sport <= port
          : op === 'd_ge'
            ? dport >= port
            : op === 'd_le' && dport <= port;
    at += holds ? view.getUint8(at + 1) : no;
  }
  return at === view.byteLength;
}

function holds(match: SocketMatch, seen: Seen): boolean {
  const within = (ports: SocketMatch['sport'], port: number): boolean => {
    if (ports === undefined) return true;
    const { from = 0, to = 65_535 } =
      typeof ports === 'number' ? { from: ports, to: ports } : ports;
    return port >= from && port <= to;
  };
  return (
    within(match.sport, seen.sport) &&
    within(match.dport, seen.dport) &&
    (match.any?.some((each) => holds(each, seen)) ?? true) &&
    (match.not === undefined || !holds(match.not, seen))
  );
}

/** All conditions of this depth over two ports. */
function matches(depth: number): SocketMatch[] {
  const leaves: SocketMatch[] = [
    { sport: 1 },
    { dport: { from: 2 } },
    { sport: { to: 1 }, dport: 2 },
  ];
  if (depth === 0) return leaves;
  const inner = matches(depth - 1);
  return [
    ...leaves,
    ...inner.map((not) => ({ not })),
    ...inner.map((not, i) => ({ ...leaves[i % 3]!, not })),
    ...inner.flatMap((a, i) => [
      { any: [a, inner[(i + 1) % inner.length]!] },
      { any: [a, inner[(i + 2) % inner.length]!, { dport: 1 }], sport: { to: 2 } },
    ]),
  ];
}

test('bytecode: a program accepts what its conditions say', (t) => {
  let count = 0;
  for (const match of matches(3)) {
    const program = programOf(match)!;
    for (const sport of [0, 1, 2, 3]) {
      for (const dport of [0, 1, 2, 3]) {
        count++;
        if (accepts(program, { sport, dport }) !== holds(match, { sport, dport })) {
          t.fail(`${JSON.stringify(match)} at ${sport}, ${dport}`);
        }
      }
    }
  }
  t.true(count > 2000);
});

test('bytecode: without conditions there is no program', (t) => {
  t.is(programOf({}), undefined);
  t.is(programOf({ sport: {} }), undefined);
});

test('bytecode: every operation comes back', (t) => {
  const program: Instruction[] = [
    { op: 'nop', no: 4 },
    { op: 's_eq', no: 12, port: 65_535 },
    { op: 's_cond', no: 20, address: '192.0.2.1', prefixLen: 32, port: -1 },
    { op: 'd_cond', no: 32, address: '2001:db8::', prefixLen: 32, port: 443 },
    { op: 's_cond', no: 16, prefixLen: 0, port: 22 },
    { op: 'dev_cond', no: 12, ifindex: 7 },
    { op: 'mark_cond', no: 16, mark: 1, mask: 0xffff_ffff },
    { op: 'cgroup_cond', no: 16, cgroup: 2n ** 63n },
    { op: 'auto', no: 8 },
    { op: 77, no: 8 },
  ];
  const remark: Remark = {};
  t.deepEqual(decode(encode(program), remark), program);
  t.deepEqual(remark, {});
});

test('bytecode: odd bytes are remarked on and come back', (t) => {
  // A host condition with room for an address that it does not have, as ss(8) writes it.
  const hex = '071014000000000016000000deadbeef';
  const remark: Remark = {};
  const program = decode(hex, remark);
  t.is(program.length, 1);
  t.is(encode(program, remark.form), hex);
  // A value that was changed is written as it is.
  t.is(encode([{ ...program[0]!, port: 23 }], remark.form), '070c14000000000017000000');
});

test('bytecode: what cannot be read or written is an error', (t) => {
  const code = 'ERR_NETLINK_CODEC';
  t.throws(() => decode('0104'), { code });
  // The enclosing set makes a CodecError of it.
  t.throws(() => decode('02080800'), { instanceOf: RangeError });
  const bad: unknown[] = [
    { op: 'never', no: 4 },
    { op: 's_ge', no: 4, port: 65_536 },
    { op: 's_ge', no: 70_000, port: 1 },
    { op: 's_cond', no: 4, address: '192.0.2.256', prefixLen: 24 },
    { op: 'cgroup_cond', no: 4, cgroup: -1n },
    { op: 'cgroup_cond', no: 4, cgroup: 'x' },
    { op: 300, no: 4 },
    null,
    5,
  ];
  for (const each of bad) t.throws(() => encode([each as Instruction]), { code });
  t.throws(() => encode(5 as never), { message: '5 is not a list' });
});
