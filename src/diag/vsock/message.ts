/**
 * Sockets of AF_VSOCK, between a virtual machine and its host.
 *
 * include/uapi/linux/vm_sockets_diag.h; net/vmw_vsock/diag.c; vsock(7); `ss --vsock -a`.
 */
import { attrs } from '../../netlink/codec/attributes.ts';
import { u16, u32, u64, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { message } from '../../netlink/codec/message.ts';
import { struct } from '../../netlink/codec/struct.ts';
import * as c from '../constants.ts';
import { family, shutdown, socketType, state, states } from '../words.ts';

const vsockDiagReq = struct('vsock_diag_req', {
  family,
  protocol: u8,
  _pad: u16,
  states,
  ino: u32,
  show: u32,
  cookie: u64,
});
const vsockDiagMsg = struct('vsock_diag_msg', {
  family,
  type: socketType,
  state,
  shutdown,
  srcCid: u32,
  srcPort: u32,
  dstCid: u32,
  dstPort: u32,
  ino: u32,
  cookie: u64,
});

const types = { SOCK_DIAG_BY_FAMILY: c.SOCK_DIAG_BY_FAMILY };

export const vsockRequest = message('vsock-request', types, vsockDiagReq, attrs({}), {
  doc: 'Asks for sockets of AF_VSOCK.',
  family: c.AF_VSOCK,
  sender: 'user',
});
export const vsockSocket = message('vsock-socket', types, vsockDiagMsg, attrs({}), {
  doc: 'A socket of AF_VSOCK.',
  family: c.AF_VSOCK,
  sender: 'kernel',
});

export type VsockRequest = Static<typeof vsockRequest>;
export type VsockRequestInput = Input<typeof vsockRequest>;
export type VsockDiag = Static<typeof vsockSocket>;
export type VsockDiagInput = Input<typeof vsockSocket>;
