/**
 * `netlink-ts/codec`: converts declared messages between bytes, objects and text. It makes no
 * system calls, so it runs in a browser.
 *
 * @example
 * import { annotate, decode, fromHex, rtnetlink } from 'netlink-ts/codec';
 * const [frame] = decode(rtnetlink, fromHex('20000000 10000200 …'));
 */
export * from './netlink/codec/wire.ts';
export { nftables } from './nftables/nf-tables.ts';
export { rtnetlink } from './rtnl/rtnetlink.ts';
