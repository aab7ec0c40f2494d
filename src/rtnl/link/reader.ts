/** Reads links in part, for objects with some of the keys of a link. */
import type { Codec } from '../../netlink/codec/codec.ts';
import { pickAttributes, type Reader } from '../../netlink/codec/pick.ts';
import { headed } from '../../netlink/codec/headed.ts';
import { linkinfo, type LinkInfo } from './info.ts';
import { HEAD, INFO, type Attrs, type LinkKey } from './object.ts';
import { ifinfomsg, ifla, type Link } from './message.ts';

const readers = new Map<string, Reader<Link>>();

/**
 * Reads from each link what `linkObject` needs for these keys. Callers use the same keys again and
 * again, so the reader is cached.
 */
export function linkReader(keys: readonly LinkKey[]): Reader<Link> {
  const name = keys.join();
  const known = readers.get(name);
  if (known !== undefined) return known;
  const wanted = keys.filter((key) => !HEAD.has(key) && !INFO.has(key)) as (keyof Attrs & string)[];
  const info = keys.filter((key) => INFO.has(key)) as (keyof typeof linkinfo.attributes)[];
  const codec = pickAttributes(linkinfo, info) as unknown as Codec<LinkInfo>;
  const attributes = { ...ifla.attributes, linkinfo: { ...ifla.attributes.linkinfo, codec } };
  const all = info.length === 0 ? wanted : [...wanted, 'linkinfo'];
  const body = pickAttributes({ attributes }, all as (keyof typeof attributes)[]);
  const reader = headed(ifinfomsg, body as Codec<Link['attrs']>) as Reader<any>;
  readers.set(name, reader);
  return reader;
}
