/**
 * What a careful person would write by hand, for addresses and routes only: `DataView`, `switch`,
 * tables of words. It gives the same values as the declarations, which is checked before it is
 * timed.
 */
import { deepStrictEqual } from 'node:assert';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../../src/ip.ts';
import { viewOf } from '../../src/netlink/codec/bytes.ts';
import { decode } from '../../src/netlink/codec/frame.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';
import { best, corpus, count, type Figures } from './corpus.ts';

type Words = Readonly<Record<number, string>>;

const FAMILY: Words = { 2: 'inet', 10: 'inet6' };
const TABLE: Words = { 0: 'unspec', 252: 'compat', 253: 'default', 254: 'main', 255: 'local' };
const PROTOCOL: Words = { 0: 'unspec', 2: 'kernel', 3: 'boot', 4: 'static' };
const SCOPE: Words = { 0: 'global', 253: 'link', 254: 'host', 255: 'nowhere' };
const TYPE: Words = { 1: 'unicast', 2: 'local', 3: 'broadcast', 4: 'anycast', 5: 'multicast' };
const PREF: Words = { 0: 'medium', 1: 'high', 3: 'low' };
const ADDRESS_PROTOCOL: Words = { 0: 'unspec', 1: 'kernel_lo', 2: 'kernel_ra', 3: 'kernel_ll' };
const HEADER = 16;

const reversed = (words: Words): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(words).map(([number, word]) => [word, Number(number)]));
const FAMILY_NUMBER = reversed(FAMILY);
const TABLE_NUMBER = reversed(TABLE);
const PROTOCOL_NUMBER = reversed(PROTOCOL);
const SCOPE_NUMBER = reversed(SCOPE);
const TYPE_NUMBER = reversed(TYPE);
const PREF_NUMBER = reversed(PREF);

interface RouteAttributes {
  dst?: string;
  oif?: number;
  gateway?: string;
  priority?: number;
  prefsrc?: string;
  metrics?: Record<string, number>;
  cacheinfo?: Record<string, number>;
  table?: string | number;
  pref?: string | number;
}

interface RouteValue {
  family: string | number;
  dstLen: number;
  srcLen: number;
  tos: number;
  table: string | number;
  protocol: string | number;
  scope: string | number;
  type: string | number;
  flags: readonly string[];
  attrs: RouteAttributes;
}

const ip = (view: DataView, at: number, length: number): string =>
  length === 4 ? formatIpv4(view, at) : formatIpv6(view, at);

const word = (words: Words, number: number): string | number => words[number] ?? number;

const NONE: readonly string[] = [];
const LINKDOWN: readonly string[] = ['linkdown'];

function routeFlags(mask: number): readonly string[] {
  if (mask === 0) return NONE;
  if (mask === 16) return LINKDOWN;
  throw new Error(`route flags ${mask} are not in the corpus`);
}

function readRoute(view: DataView, at: number, end: number): RouteValue {
  const attrs: RouteAttributes = {};
  const value: RouteValue = {
    family: word(FAMILY, view.getUint8(at)),
    dstLen: view.getUint8(at + 1),
    srcLen: view.getUint8(at + 2),
    tos: view.getUint8(at + 3),
    table: word(TABLE, view.getUint8(at + 4)),
    protocol: word(PROTOCOL, view.getUint8(at + 5)),
    scope: word(SCOPE, view.getUint8(at + 6)),
    type: word(TYPE, view.getUint8(at + 7)),
    flags: routeFlags(view.getUint32(at + 8, true)),
    attrs,
  };
  for (at += 12; at < end;) {
    const length = view.getUint16(at, true);
    const body = at + 4;
    switch (view.getUint16(at + 2, true)) {
      case 1:
        attrs.dst = ip(view, body, length - 4);
        break;
      case 4:
        attrs.oif = view.getUint32(body, true);
        break;
      case 5:
        attrs.gateway = ip(view, body, length - 4);
        break;
      case 6:
        attrs.priority = view.getUint32(body, true);
        break;
      case 7:
        attrs.prefsrc = ip(view, body, length - 4);
        break;
      case 8:
        attrs.metrics = { mtu: view.getUint32(body + 4, true) };
        break;
      case 12:
        attrs.cacheinfo = {
          clntref: view.getUint32(body, true),
          lastuse: view.getUint32(body + 4, true),
          expires: view.getInt32(body + 8, true),
          error: view.getUint32(body + 12, true),
          used: view.getUint32(body + 16, true),
          id: view.getUint32(body + 20, true),
          ts: view.getUint32(body + 24, true),
          tsage: view.getUint32(body + 28, true),
        };
        break;
      case 15:
        attrs.table = word(TABLE, view.getUint32(body, true));
        break;
      case 20:
        attrs.pref = word(PREF, view.getUint8(body));
        break;
      default:
        throw new Error('an attribute that is not in the corpus');
    }
    at += (length + 3) & ~3;
  }
  return value;
}

/** Large enough for the complete corpus, so that nothing has to grow. */
const out = new DataView(new ArrayBuffer(1 << 20));

function put32(at: number, id: number, value: number): number {
  out.setUint32(at, 8 | (id << 16), true);
  out.setUint32(at + 4, value, true);
  return at + 8;
}

function putIp(at: number, id: number, text: string): number {
  const six = text.includes(':');
  out.setUint32(at, (six ? 20 : 8) | (id << 16), true);
  if (!(six ? parseIpv6(text, out, at + 4) : parseIpv4(text, out, at + 4))) throw new Error(text);
  return at + (six ? 20 : 8);
}

const number = (numbers: Readonly<Record<string, number>>, value: string | number): number =>
  typeof value === 'number' ? value : numbers[value]!;

function writeRoute(start: number, value: RouteValue): number {
  const { attrs } = value;
  let at = start + HEADER;
  out.setUint8(at, number(FAMILY_NUMBER, value.family));
  out.setUint8(at + 1, value.dstLen);
  out.setUint8(at + 2, value.srcLen);
  out.setUint8(at + 3, value.tos);
  out.setUint8(at + 4, number(TABLE_NUMBER, value.table));
  out.setUint8(at + 5, number(PROTOCOL_NUMBER, value.protocol));
  out.setUint8(at + 6, number(SCOPE_NUMBER, value.scope));
  out.setUint8(at + 7, number(TYPE_NUMBER, value.type));
  out.setUint32(at + 8, value.flags.length === 0 ? 0 : 16, true);
  at += 12;
  if (attrs.table !== undefined) at = put32(at, 15, number(TABLE_NUMBER, attrs.table));
  if (attrs.dst !== undefined) at = putIp(at, 1, attrs.dst);
  if (attrs.priority !== undefined) at = put32(at, 6, attrs.priority);
  if (attrs.prefsrc !== undefined) at = putIp(at, 7, attrs.prefsrc);
  if (attrs.metrics !== undefined) {
    out.setUint32(at, 12 | (8 << 16), true);
    at = put32(at + 4, 2, attrs.metrics['mtu']!);
  }
  if (attrs.gateway !== undefined) at = putIp(at, 5, attrs.gateway);
  if (attrs.oif !== undefined) at = put32(at, 4, attrs.oif);
  const { cacheinfo } = attrs;
  if (cacheinfo !== undefined) {
    out.setUint32(at, 36 | (12 << 16), true);
    out.setUint32(at + 4, cacheinfo['clntref']!, true);
    out.setUint32(at + 8, cacheinfo['lastuse']!, true);
    out.setInt32(at + 12, cacheinfo['expires']!, true);
    out.setUint32(at + 16, cacheinfo['error']!, true);
    out.setUint32(at + 20, cacheinfo['used']!, true);
    out.setUint32(at + 24, cacheinfo['id']!, true);
    out.setUint32(at + 28, cacheinfo['ts']!, true);
    out.setUint32(at + 32, cacheinfo['tsage']!, true);
    at += 36;
  }
  if (attrs.pref !== undefined) {
    out.setUint32(at, 5 | (20 << 16), true);
    out.setUint32(at + 4, number(PREF_NUMBER, attrs.pref), true);
    at += 8;
  }
  out.setUint32(start, at - start, true);
  out.setUint16(start + 4, 24, true);
  out.setUint16(start + 6, 2, true);
  out.setUint32(start + 8, 1, true);
  out.setUint32(start + 12, 0, true);
  return at;
}

const masks = new Map<number, readonly string[]>();
const ADDRESS_FLAGS: Words = {
  2: 'nodad',
  0x80: 'permanent',
  0x40: 'tentative',
  0x200: 'noprefixroute',
};

function addressFlags(mask: number): readonly string[] {
  let words = masks.get(mask);
  if (words === undefined) {
    words = Object.keys(ADDRESS_FLAGS)
      .filter((bit) => (mask & Number(bit)) !== 0)
      .map((bit) => ADDRESS_FLAGS[Number(bit)]!);
    masks.set(mask, words);
  }
  return words;
}

function readAddress(view: DataView, at: number, end: number): unknown {
  const attrs: Record<string, unknown> = {};
  const value = {
    family: word(FAMILY, view.getUint8(at)),
    prefixlen: view.getUint8(at + 1),
    flags: addressFlags(view.getUint8(at + 2)),
    scope: word(SCOPE, view.getUint8(at + 3)),
    index: view.getUint32(at + 4, true),
    attrs,
  };
  for (at += 8; at < end;) {
    const length = view.getUint16(at, true);
    const body = at + 4;
    switch (view.getUint16(at + 2, true)) {
      case 1:
        attrs['address'] = ip(view, body, length - 4);
        break;
      case 2:
        attrs['local'] = ip(view, body, length - 4);
        break;
      case 3: {
        let text = '';
        for (let i = body; i < at + length - 1; i++) text += String.fromCharCode(view.getUint8(i));
        attrs['label'] = text;
        break;
      }
      case 4:
        attrs['broadcast'] = ip(view, body, length - 4);
        break;
      case 6:
        attrs['cacheinfo'] = {
          prefered: view.getUint32(body, true),
          valid: view.getUint32(body + 4, true),
          cstamp: view.getUint32(body + 8, true),
          tstamp: view.getUint32(body + 12, true),
        };
        break;
      case 8:
        attrs['flags'] = addressFlags(view.getUint32(body, true));
        break;
      case 11:
        attrs['proto'] = word(ADDRESS_PROTOCOL, view.getUint8(body));
        break;
      default:
        throw new Error('an attribute that is not in the corpus');
    }
    at += (length + 3) & ~3;
  }
  return value;
}

function readAll(
  view: DataView,
  read: (view: DataView, at: number, end: number) => unknown,
): unknown[] {
  const values: unknown[] = [];
  for (let at = 0; at < view.byteLength;) {
    const length = view.getUint32(at, true);
    values.push(read(view, at + HEADER, at + length));
    at += (length + 3) & ~3;
  }
  return values;
}

const figures: Figures = {};
for (const [column, read] of [
  ['address', readAddress],
  ['route', readRoute],
] as const) {
  const messages = corpus(column);
  const view = viewOf(messages);
  const declared = decode(rtnetlink, messages).map(({ payload }) => payload);
  deepStrictEqual(readAll(view, read), declared);
  figures[`decode ${column}`] = best(count(messages), () => readAll(view, read));
}
const routes = corpus('route');
const values = readAll(viewOf(routes), readRoute) as RouteValue[];
figures['encode route'] = best(values.length, () => {
  let at = 0;
  for (const value of values) at = writeRoute(at, value);
});
deepStrictEqual(readAll(new DataView(out.buffer, 0, routes.length), readRoute), values);
console.log(JSON.stringify(figures));
