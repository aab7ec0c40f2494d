/**
 * Sockets of AF_UNIX.
 *
 * include/uapi/linux/unix_diag.h; net/unix/diag.c; `ss -xae`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { bytesOf } from '../../netlink/codec/bytes.ts';
import {
  u16,
  u32,
  u64,
  u8,
  type Codec,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { describe } from '../../netlink/codec/given.ts';
import { flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { packed } from '../../netlink/codec/list.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { bytesText, textBytes } from '../../netlink/codec/text.ts';
import { CodecError } from '../../errors.ts';
import { jsonText } from '../../printable.ts';
import * as c from '../constants.ts';
import { family, shutdown, skMeminfo, socketType, state, states } from '../words.ts';

/** `UDIAG_SHOW_*`. */
export const unixShow = flagsOf(u32, {
  name: 0x01,
  vfs: 0x02,
  peer: 0x04,
  icons: 0x08,
  rqlen: 0x10,
  meminfo: 0x20,
  uid: 0x40,
});

const unixDiagReq = struct('unix_diag_req', {
  family,
  protocol: u8,
  _pad: u16,
  states,
  ino: u32,
  show: unixShow,
  cookie: u64,
});
const unixDiagMsg = struct('unix_diag_msg', {
  family,
  type: socketType,
  state,
  _pad: u8,
  ino: u32,
  cookie: u64,
});

const TERMINATED = 'terminated';

/**
 * `sun_path`. An abstract name begins with a NUL, as it does in Node, and may contain others; the
 * NUL after a path is left out.
 */
const name: Codec<string> = {
  type: 'name of a unix socket',
  notes: true,
  get(view, at, end, remark) {
    const bytes = bytesOf(view, at, end);
    if (bytes.length < 2 || bytes[0] === 0 || bytes.at(-1) !== 0) return bytesText(bytes);
    if (remark) remark.form = TERMINATED;
    return bytesText(bytes.subarray(0, -1));
  },
  put(writer, value, note) {
    if (typeof value !== 'string') throw new CodecError(`${describe(value)} is not text`);
    writer.append(textBytes(value));
    if (note === TERMINATED) writer.append(new Uint8Array(1));
  },
  show: (value) => jsonText(value),
};

const vfs = struct('unix_diag_vfs', { ino: u32, dev: u32 });
const rqlen = struct('unix_diag_rqlen', {
  rqueue: u32,
  wqueue: u32,
});

export const unixDiagAttrs = attrs({
  name: attr('UNIX_DIAG_NAME', 0, name, 'path, or a NUL and an abstract name'),
  vfs: attr('UNIX_DIAG_VFS', 1, vfs, 'inode and device of the path'),
  peer: attr('UNIX_DIAG_PEER', 2, u32, 'inode number of the connected socket'),
  icons: attr('UNIX_DIAG_ICONS', 3, packed(u32), 'sockets that wait for accept(2)'),
  rqlen: attr(
    'UNIX_DIAG_RQLEN',
    4,
    rqlen,
    'queues: bytes; of a listener, connections and their limit',
  ),
  meminfo: attr('UNIX_DIAG_MEMINFO', 5, skMeminfo, 'memory'),
  shutdown: attr('UNIX_DIAG_SHUTDOWN', 6, shutdown, 'directions that are shut down'),
  uid: attr('UNIX_DIAG_UID', 7, u32, 'owner'),
});

const types = { SOCK_DIAG_BY_FAMILY: c.SOCK_DIAG_BY_FAMILY };

export const unixRequest = message('unix-request', types, unixDiagReq, attrs({}), {
  doc: 'Asks for sockets of AF_UNIX.',
  family: c.AF_UNIX,
  sender: 'user',
  subject: ({ ino = 0 }) => (ino === 0 ? undefined : String(ino)),
});
export const unixSocket = message('unix-socket', types, unixDiagMsg, unixDiagAttrs, {
  doc: 'A socket of AF_UNIX.',
  family: c.AF_UNIX,
  sender: 'kernel',
});

export type UnixRequest = Static<typeof unixRequest>;
export type UnixRequestInput = Input<typeof unixRequest>;
export type UnixDiag = Static<typeof unixSocket>;
export type UnixDiagInput = Input<typeof unixSocket>;
