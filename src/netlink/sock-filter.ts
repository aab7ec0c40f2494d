/**
 * An instruction of classic BPF.
 *
 * include/uapi/linux/filter.h, `struct sock_filter`.
 */
import { u16, u32, u8 } from './codec/codec.ts';
import { struct } from './codec/struct.ts';

export const sockFilter = struct('sock_filter', { code: u16, jt: u8, jf: u8, k: u32 });
