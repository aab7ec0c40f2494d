/**
 * Conditions on sockets, compiled to a program that the kernel runs during a dump: what ss(8) calls
 * a filter.
 */
import { CodecError } from '../../errors.ts';
import { parseIpv4, parseIpv6 } from '../../ip.ts';
import { sizeOf, type Instruction, type Operation } from './bytecode.ts';

/** A port, or a range of ports. */
export type Ports =
  number | { readonly from?: number | undefined; readonly to?: number | undefined };

/** Conditions that must all hold. */
export interface SocketMatch {
  /** The local address, or a prefix that contains it: `192.0.2.0/24`. */
  readonly src?: string | undefined;
  /** The remote address, or a prefix that contains it. */
  readonly dst?: string | undefined;
  readonly sport?: Ports | undefined;
  readonly dport?: Ports | undefined;
  /** Index of the interface that the socket is bound to. */
  readonly ifindex?: number | undefined;
  readonly mark?: number | { readonly value: number; readonly mask: number } | undefined;
  /** The id of a cgroup v2: the inode number of its directory. */
  readonly cgroup?: bigint | undefined;
  /** Whether the kernel chose the port. */
  readonly autobound?: boolean | undefined;
  /** At least one of these holds. */
  readonly any?: readonly SocketMatch[] | undefined;
  /** This does not hold. */
  readonly not?: SocketMatch | undefined;
}

/** Bytes of a jump. */
const JUMP = 4;

/** A program, and its length in bytes. To fail, it jumps to `length + 4`. */
interface Part {
  readonly code: Instruction[];
  readonly length: number;
}

/** A condition that fails by leaving the program. */
function condition(operand: Omit<Instruction, 'no'>): Part {
  const length = sizeOf({ ...operand, no: 0 });
  return { code: [{ ...operand, no: length + JUMP }], length };
}

/** Both: a failure in the first also skips the second. */
function and(a: Part, b: Part): Part {
  let at = 0;
  const code = a.code.map((each) => {
    const fails = at + each.no === a.length + JUMP;
    at += sizeOf(each);
    return fails ? { ...each, no: each.no + b.length } : each;
  });
  return { code: [...code, ...b.code], length: a.length + b.length };
}

const jump = (no: number): Instruction => ({ op: 'jmp', no });

/** Either: a failure in the first leads to the second, and success jumps over that. */
function or(a: Part, b: Part): Part {
  // There may be thousands of alternatives.
  a.code.push(jump(b.length + JUMP), ...b.code);
  return { code: a.code, length: a.length + JUMP + b.length };
}

/** A failure arrives at the end, and success jumps beyond it. */
const not = (a: Part): Part => ({
  code: [...a.code, jump(2 * JUMP)],
  length: a.length + JUMP,
});

const nothing = (): Part => ({ code: [], length: 0 });

function ports(side: 's' | 'd', given: Ports): Part {
  const { from, to } = typeof given === 'number' ? { from: given, to: given } : given;
  const bound = (op: Operation, port: number | undefined): Part =>
    port === undefined ? nothing() : condition({ op, port });
  return and(bound(`${side}_ge`, from), bound(`${side}_le`, to));
}

const scratch = new DataView(new ArrayBuffer(16));

function host(side: 's' | 'd', text: string): Part {
  if (typeof text !== 'string') throw new CodecError('an address to match must be text');
  const [address = '', length] = text.split('/', 2);
  const width = address.includes(':') ? 128 : 32;
  const isAddress = width === 128 ? parseIpv6(address, scratch, 0) : parseIpv4(address, scratch, 0);
  const prefixLen = length === undefined ? width : /^\d+$/.test(length) ? Number(length) : NaN;
  if (!isAddress || !(prefixLen <= width)) {
    throw new CodecError(`"${text}" is neither an IP address nor a prefix`);
  }
  return condition({ op: `${side}_cond`, address, prefixLen, port: -1 });
}

function marked(mark: NonNullable<SocketMatch['mark']>): Part {
  const { value, mask } = typeof mark === 'number' ? { value: mark, mask: 0xffff_ffff } : mark;
  return condition({ op: 'mark_cond', mark: value, mask });
}

function partOf({ any, not: without, ...match }: SocketMatch): Part {
  const parts: Part[] = [];
  const { src, dst, sport, dport, ifindex, mark, cgroup, autobound } = match;
  if (src !== undefined) parts.push(host('s', src));
  if (dst !== undefined) parts.push(host('d', dst));
  if (sport !== undefined) parts.push(ports('s', sport));
  if (dport !== undefined) parts.push(ports('d', dport));
  if (ifindex !== undefined) parts.push(condition({ op: 'dev_cond', ifindex }));
  if (mark !== undefined) parts.push(marked(mark));
  if (cgroup !== undefined) parts.push(condition({ op: 'cgroup_cond', cgroup }));
  if (autobound !== undefined) {
    const auto = condition({ op: 'auto' });
    parts.push(autobound ? auto : not(auto));
  }
  if (any !== undefined) {
    if (any.length === 0) throw new CodecError('any: at least one condition is needed');
    parts.push(any.map(partOf).reduce(or));
  }
  if (without !== undefined) parts.push(not(partOf(without)));
  return parts.reduceRight((rest, each) => and(each, rest), nothing());
}

/** The conditions as a program; undefined without conditions: the kernel refuses an empty one. */
export function programOf(match: SocketMatch): Instruction[] | undefined {
  const { code, length } = partOf(match);
  if (code.length === 0) return undefined;
  if (length + JUMP > 0xffff) {
    throw new CodecError(`the conditions take ${length} bytes, the kernel accepts 65531 at most`);
  }
  return code;
}
