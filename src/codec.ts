/**
 * `netlink-ts/codec`: bytes to objects and back, as text too, for everything that is declared. No system call, so it runs in a browser.
 *
 * @example
 * import { annotate, decode, fromHex, rtnetlink } from 'netlink-ts/codec';
 * const [frame] = decode(rtnetlink, fromHex('20000000 10000200 …'));
 */
export * from './netlink/codec/wire.ts';
export { nftables } from './nftables/messages/nf-tables.ts';
export { rtnetlink } from './rtnl/rtnetlink.ts';
