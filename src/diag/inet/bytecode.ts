/**
 * The program that filters a dump in the kernel, `INET_DIAG_REQ_BYTECODE`: conditions, each with
 * the distance to jump if it does not hold. A socket is listed if execution reaches exactly the end
 * of the program; a jump beyond it skips the socket.
 *
 * include/uapi/linux/inet_diag.h; inet_diag_bc_run() and inet_diag_bc_audit() in
 * net/ipv4/inet_diag.c.
 */
import {
  bytesOf,
  fromHex,
  LITTLE_ENDIAN,
  toHex,
  viewOf,
  Writer,
} from '../../netlink/codec/bytes.ts';
import type { Codec } from '../../netlink/codec/codec.ts';
import { writeIp } from '../../netlink/codec/ip-address.ts';
import { checkList, describe } from '../../netlink/codec/given.ts';
import { CodecError } from '../../errors.ts';
import { formatIpv4, formatIpv6 } from '../../ip.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../constants.ts';

/** `INET_DIAG_BC_*`. */
const OPERATIONS = [
  'nop',
  'jmp',
  's_ge',
  's_le',
  'd_ge',
  'd_le',
  'auto',
  's_cond',
  'd_cond',
  'dev_cond',
  'mark_cond',
  's_eq',
  'd_eq',
  'cgroup_cond',
] as const;

export type Operation = (typeof OPERATIONS)[number];

/** One condition or jump. Only the fields of its operation are set. */
export interface Instruction {
  /** A number if it is unknown. */
  readonly op: Operation | (number & {});
  /** Bytes to jump, from its beginning, if the condition does not hold. */
  readonly no: number;
  readonly port?: number;
  /** An address and the length of its prefix; `port` is -1 for any. */
  readonly address?: string;
  readonly prefixLen?: number;
  readonly ifindex?: number;
  readonly mark?: number;
  readonly mask?: number;
  readonly cgroup?: bigint;
}

const HEAD = 4;
const PORTS = ['s_ge', 's_le', 'd_ge', 'd_le', 's_eq', 'd_eq'];
const HOSTS = ['s_cond', 'd_cond'];
/** `struct inet_diag_hostcond` without the address. */
const HOSTCOND = 8;

const isPort = (op: Instruction['op']): boolean => PORTS.includes(op as string);
const isHost = (op: Instruction['op']): boolean => HOSTS.includes(op as string);

const widthOf = (address: string | undefined): number =>
  address === undefined ? 0 : String(address).includes(':') ? 16 : 4;

/** Bytes of an instruction with its operand. */
export function sizeOf({ op, address }: Instruction): number {
  if (isPort(op) || op === 'dev_cond') return HEAD + 4;
  if (op === 'mark_cond' || op === 'cgroup_cond') return HEAD + 8;
  return isHost(op) ? HEAD + HOSTCOND + widthOf(address) : HEAD;
}

function read(view: DataView, at: number, end: number): Instruction {
  if (end - at < HEAD) throw new CodecError(`${end - at} bytes left over`);
  const code = view.getUint8(at);
  const op = OPERATIONS[code] ?? code;
  const no = view.getUint16(at + 2, LITTLE_ENDIAN);
  const body = at + HEAD;
  if (isPort(op)) return { op, no, port: view.getUint16(body + 2, LITTLE_ENDIAN) };
  if (isHost(op)) {
    const family = view.getUint8(body);
    const address =
      family === AF_INET
        ? { address: formatIpv4(view, body + HOSTCOND) }
        : family === AF_INET6
          ? { address: formatIpv6(view, body + HOSTCOND) }
          : {};
    const prefixLen = view.getUint8(body + 1);
    return { op, no, ...address, prefixLen, port: view.getInt32(body + 4, LITTLE_ENDIAN) };
  }
  if (op === 'dev_cond') return { op, no, ifindex: view.getUint32(body, LITTLE_ENDIAN) };
  if (op === 'cgroup_cond') return { op, no, cgroup: view.getBigUint64(body, LITTLE_ENDIAN) };
  if (op !== 'mark_cond') return { op, no };
  const mark = view.getUint32(body, LITTLE_ENDIAN);
  return { op, no, mark, mask: view.getUint32(body + 4, LITTLE_ENDIAN) };
}

function within(what: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new CodecError(`${what} ${describe(value)} is not a number from ${least} to ${most}`);
}

function write(writer: Writer, instruction: Instruction): void {
  const { op, no, port = isHost(op) ? -1 : 0, address, prefixLen = 0 } = instruction;
  const code = typeof op === 'number' ? op : OPERATIONS.indexOf(op);
  if (code < 0) throw new CodecError(`"${op}" is not one of ${OPERATIONS.join(', ')}`);
  const size = sizeOf(instruction);
  const at = writer.reserve(size);
  const { bytes, view } = writer;
  bytes.fill(0, at, at + size);
  view.setUint8(at, within('operation', code, 0, 255));
  view.setUint8(at + 1, size);
  view.setUint16(at + 2, within('distance', no, 0, 65_535), LITTLE_ENDIAN);
  const body = at + HEAD;
  if (isPort(op)) {
    view.setUint16(body + 2, within('port', port, 0, 65_535), LITTLE_ENDIAN);
  } else if (isHost(op)) {
    const width = widthOf(address);
    view.setUint8(body, width === 4 ? AF_INET : width === 16 ? AF_INET6 : AF_UNSPEC);
    view.setUint8(body + 1, within('prefix length', prefixLen, 0, 255));
    view.setInt32(body + 4, within('port', port, -(2 ** 31), 2 ** 31 - 1), LITTLE_ENDIAN);
    if (address !== undefined) writeIp(view, body + HOSTCOND, address, width);
  } else if (op === 'dev_cond') {
    view.setUint32(
      body,
      within('ifindex', instruction.ifindex ?? 0, 0, 2 ** 32 - 1),
      LITTLE_ENDIAN,
    );
  } else if (op === 'mark_cond') {
    const { mark = 0, mask = 0 } = instruction;
    view.setUint32(body, within('mark', mark, 0, 2 ** 32 - 1), LITTLE_ENDIAN);
    view.setUint32(body + 4, within('mask', mask, 0, 2 ** 32 - 1), LITTLE_ENDIAN);
  } else if (op === 'cgroup_cond') {
    view.setBigUint64(body, cgroupOf(instruction.cgroup), LITTLE_ENDIAN);
  }
}

/** As decimal text too, from JSON. */
function cgroupOf(value: unknown): bigint {
  const { length } = String(value);
  if (length < 21 && /^\d+$/.test(String(value))) {
    const id = BigInt(value as string);
    if (id < 2n ** 64n) return id;
  }
  throw new CodecError(`cgroup ${describe(value)} is not a u64`);
}

function readAll(view: DataView, at: number, end: number): Instruction[] {
  const program: Instruction[] = [];
  while (at < end) {
    const instruction = read(view, at, end);
    // ss(8) leaves room for an absent address, and jumps over it.
    at += Math.max(sizeOf(instruction), view.getUint8(at + 1));
    if (at > end) throw new CodecError(`${at - end} bytes are missing`);
    program.push(instruction);
  }
  return program;
}

const showOne = ({ op, no, ...operand }: Instruction): string =>
  [op, ...Object.entries(operand).map(([key, value]) => `${key}=${value}`), `no=${no}`].join(' ');

const show = (program: readonly Instruction[]): string =>
  `[${program.map((each) => `{${showOne(each)}}`).join(' ')}]`;

const RAW = 'raw ';

export const bytecode: Codec<Instruction[], readonly Instruction[]> = {
  type: 'bytecode',
  notes: true,
  get(view, at, end, remark) {
    const program = readAll(view, at, end);
    const writer = new Writer();
    for (const each of program) write(writer, each);
    const raw = toHex(bytesOf(view, at, end));
    // Padding that is not zero, or a distance for success that is not the length.
    if (remark && toHex(writer.finish()) !== raw) remark.form = RAW + raw;
    return program;
  },
  put(writer, program, note) {
    checkList(program);
    if (note?.startsWith(RAW)) {
      const raw = fromHex(note.slice(RAW.length));
      if (show(readAll(viewOf(raw), 0, raw.length)) === show(program)) return writer.append(raw);
    }
    for (const each of program) {
      if (typeof each !== 'object' || each === null) {
        throw new CodecError(`${describe(each)} is not an instruction`);
      }
      write(writer, each);
    }
  },
  show,
};
