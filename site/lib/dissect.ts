/**
 * A datagram taken apart: every byte belongs to one leaf of a tree, and each node knows its name,
 * its meaning and its place in the decoded value. The pages draw this tree; what it says comes from
 * the declarations, by the same walk that `annotate` makes.
 */
import { nlmsgerr, nlmsgerrAttrs, nlmsghdr } from '../../src/netlink/codec/ack.ts';
import { align4, LITTLE_ENDIAN, viewOf } from '../../src/netlink/codec/bytes.ts';
import { bytes as rawBytes, type Codec, type Part } from '../../src/netlink/codec/codec.ts';
import { familyAt } from '../../src/netlink/codec/datagram.ts';
import { isSet, setsIn, setsOf } from '../../src/netlink/codec/declared-sets.ts';
import { explain } from '../../src/netlink/codec/explain.ts';
import { codecOf, flagNames, frames, typeName } from '../../src/netlink/codec/frame.ts';
import { toJson } from '../../src/netlink/codec/json.ts';
import { isNumbered } from '../../src/netlink/codec/numbered.ts';
import type { Protocol } from '../../src/netlink/codec/protocol.ts';
import type { Struct } from '../../src/netlink/codec/struct.ts';
import {
  NLA_F_NESTED,
  NLA_F_NET_BYTEORDER,
  NLA_HDRLEN,
  NLA_TYPE_MASK,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
} from '../../src/netlink/constants.ts';
import { CodecError } from '../../src/errors.ts';
import { errnoName } from '../../src/sys/errno.ts';

/** What a node is; `length`, `type`, `value` and `padding` are the parts of an attribute. */
export type Kind =
  | 'message'
  | 'header'
  | 'field'
  | 'attribute'
  | 'length'
  | 'type'
  | 'value'
  | 'padding'
  | 'unknown'
  | 'error';

export type Path = readonly (string | number)[];

export interface Node {
  readonly id: number;
  /** Undefined for a message. */
  readonly parent?: number;
  readonly kind: Kind;
  readonly name: string;
  /** The value as one line; for a node with others inside, what it is. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
  readonly depth: number;
  /** Its place in the value of its message. */
  readonly path?: Path;
  /** The row that explains it in the tables: `addr/IFA_LOCAL`, `ifaddrmsg.family`. */
  readonly row?: string;
  /** The type of the value: `u32`, `ip address`. */
  readonly type?: string;
  readonly doc?: string;
  /** Which of the colours it is drawn in: the same for all bytes of an attribute. */
  readonly hue: number;
  readonly children: number[];
}

/** A message of a datagram. */
export interface Dissected {
  readonly type: string;
  readonly at: number;
  readonly end: number;
  /** The decoded frame in JSON form; undefined if it cannot be decoded. */
  readonly value?: unknown;
  readonly error?: Fault;
  /** What the kernel says about a request, in words. */
  readonly verdict?: string;
}

/** Why bytes cannot be read, and the first of them that is wrong. */
export interface Fault {
  readonly text: string;
  readonly at: number;
  readonly end: number;
}

export interface Dissection {
  readonly nodes: readonly Node[];
  readonly messages: readonly Dissected[];
  readonly error?: Fault;
}

/** Colours of headers; attributes count on from `FIRST_ATTRIBUTE`. */
const NETLINK_HEADER = 0;
const FAMILY_HEADER = 1;
const FIRST_ATTRIBUTE = 2;
export const HUES = 9;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export function dissect(protocol: Protocol, datagram: Uint8Array): Dissection {
  return new Walk(protocol, datagram).run();
}

class Walk {
  readonly nodes: Writable<Node>[] = [];
  readonly messages: Writable<Dissected>[] = [];
  readonly protocol: Protocol;
  readonly view: DataView;
  hue = FIRST_ATTRIBUTE;

  constructor(protocol: Protocol, datagram: Uint8Array) {
    this.protocol = protocol;
    this.view = viewOf(datagram);
  }

  run(): Dissection {
    const { view, nodes, messages } = this;
    let done = 0;
    let error: Fault | undefined;
    try {
      for (const { at, end } of frames(view)) {
        this.message(at, end);
        done = Math.min(at + align4(end - at), view.byteLength);
        if (done > end) this.add({ kind: 'padding', name: 'padding', at: end, end: done });
      }
    } catch (problem) {
      if (!(problem instanceof CodecError)) throw problem;
      error = { text: problem.message, at: done, end: Math.min(done + 4, view.byteLength) };
    }
    if (done < view.byteLength) {
      const kind = error === undefined ? 'padding' : 'error';
      const name = error === undefined ? 'after the last message' : 'cannot be read';
      this.add({ kind, name, at: done, end: view.byteLength });
    }
    return { nodes, messages, ...(error && { error }) };
  }

  add(given: Partial<Node> & Pick<Node, 'kind' | 'name' | 'at' | 'end'>, parent?: Node): Node {
    const node = {
      text: '',
      depth: parent === undefined ? 0 : parent.depth + 1,
      hue: parent?.hue ?? NETLINK_HEADER,
      ...(parent && { parent: parent.id }),
      ...given,
      id: this.nodes.length,
      children: [],
    };
    this.nodes.push(node);
    parent?.children.push(node.id);
    return node;
  }

  message(at: number, end: number): void {
    const { protocol, view } = this;
    const header = nlmsghdr.read(view, at);
    const start = at + NLMSG_HDRLEN;
    const name = typeName(protocol, header, familyAt(view, start, end));
    const type = String(name);
    const told: Writable<Dissected> = { type, at, end };
    this.messages.push(told);
    this.hue = FIRST_ATTRIBUTE;
    const codec = codecOf(protocol, header, view, start, end);
    const words = flagNames(type, header.flags);
    const root = this.add({ kind: 'message', name: type, at, end, text: docOf(codec), path: [] });
    this.netlinkHeader(root, at);
    let payload: unknown;
    try {
      payload = toJson(codec.get(view, start, end));
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      told.error = this.fault(codec, start, end, error);
      this.torn(root, codec, start, end, told.error);
      return;
    }
    const { seq, pid } = header;
    told.value = { type: name, flags: [...words], seq, pid, payload };
    if (header.type === NLMSG_ERROR) told.verdict = this.ack(root, header.flags, start, end);
    else this.payload(root, codec, header.type, start, end, ['payload'], payload);
  }

  netlinkHeader(parent: Node, at: number, path: Path = []): void {
    const { protocol, view } = this;
    const header = nlmsghdr.read(view, at);
    const { len, type, flags, seq, pid } = header;
    const start = at + NLMSG_HDRLEN;
    const stop = Math.min(at + len, view.byteLength);
    const name = String(typeName(protocol, header, familyAt(view, start, stop)));
    const node = this.add(
      { kind: 'header', name: 'nlmsghdr', at, end: at + NLMSG_HDRLEN, hue: NETLINK_HEADER, path },
      parent,
    );
    const words = flagNames(name, flags).join(', ') || 'none';
    const texts: Readonly<Record<string, string>> = {
      len: `${len} bytes, with this header`,
      type: `${type} = ${name}`,
      flags: flags === 0 ? 'none' : `0x${flags.toString(16)} = ${words}`,
      seq: String(seq),
      pid: String(pid),
    };
    this.fields(node, nlmsghdr as Struct<any, any>, at, node.end, (key) => ({
      text: texts[key]!,
      path: key === 'len' ? undefined : [...path, key],
    }));
  }

  fields(
    parent: Node,
    struct: Struct<any, any>,
    at: number,
    /** Of the struct: an attribute around it may have padding after it. */
    end: number,
    about: (key: string) => { text: string; path: Path | undefined },
  ): void {
    let next = at;
    for (const [key, field] of Object.entries(struct.fields)) {
      const from = at + struct.layout.offsetOf(key)!;
      const to = from + field.span;
      if (to > end) break;
      next = to;
      const common = { at: from, end: to, type: field.type };
      if (key.startsWith('_')) {
        this.add({ kind: 'padding', name: 'padding', ...common }, parent);
        continue;
      }
      const { text, path } = about(key);
      const row = `${struct.name}.${key}`;
      this.add({ kind: 'field', name: key, text, row, ...(path && { path }), ...common }, parent);
    }
    if (next < end) {
      this.add({ kind: 'unknown', name: 'rest', at: next, end }, parent);
    }
  }

  struct(parent: Node, struct: Struct<any, any>, at: number, end: number, path: Path): void {
    const value = struct.get(this.view, at, end) as Record<string, unknown>;
    this.fields(parent, struct, at, end, (key) => ({
      text: value[key] === undefined ? '' : struct.fields[key]!.show(value[key]),
      path: [...path, key],
    }));
  }

  payload(
    parent: Node,
    codec: Codec<any, any>,
    type: number,
    start: number,
    end: number,
    path: Path,
    value: unknown,
  ): void {
    const { head, body } = codec as { head?: Struct<any, any>; body?: Codec<any, any> };
    if (start === end) return;
    if (head !== undefined && body !== undefined) {
      this.header(parent, head, start, Math.min(start + head.span, end), path);
      const next = Math.min(start + align4(head.span), end);
      if (next > start + head.span) {
        this.add({ kind: 'padding', name: 'padding', at: start + head.span, end: next }, parent);
      }
      const attrs = (value as { attrs?: unknown }).attrs;
      this.inside(parent, codec, body, start, end, [...path, 'attrs'], attrs);
    } else if (isStruct(codec)) {
      this.header(parent, codec, start, end, path);
    } else if (type === NLMSG_DONE) {
      this.errorNumber(parent, start, path);
      this.inside(parent, codec, nlmsgerrAttrs, start, end, [...path, 'attrs'], attrsOf(value));
    } else {
      const at = { at: start, end, path, type: codec.type };
      this.add({ kind: 'unknown', name: 'payload', text: `${end - start} bytes`, ...at }, parent);
    }
  }

  header(parent: Node, head: Struct<any, any>, at: number, end: number, path: Path): void {
    const node = this.add(
      { kind: 'header', name: head.name, at, end, hue: FAMILY_HEADER, path },
      parent,
    );
    this.struct(node, head, at, end, path);
  }

  errorNumber(parent: Node, at: number, path: Path): void {
    const error = this.view.getInt32(at, LITTLE_ENDIAN);
    const text = error === 0 ? '0: no error' : `${error} = -${errnoName(-error)}`;
    const common = { at, end: at + 4, hue: FAMILY_HEADER, type: 's32' };
    this.add(
      {
        kind: 'field',
        name: 'error',
        text,
        path: [...path, 'error'],
        row: 'nlmsgerr.error',
        ...common,
      },
      parent,
    );
  }

  /** An `NLMSG_ERROR`: the error number, the request inside it, and the kernel's explanation. */
  ack(root: Node, flags: number, start: number, end: number): string {
    const { protocol, view } = this;
    const codec = nlmsgerr(flags);
    const ack = codec.get(view, start, end);
    const request = ack.request!;
    const at = start + 4;
    const stop = at + NLMSG_HDRLEN + (ack.payload?.length ?? 0);
    this.errorNumber(root, start, ['payload']);
    const name = String(typeName(protocol, request, familyAt(view, at + NLMSG_HDRLEN, stop)));
    const echo = this.add(
      {
        kind: 'message',
        name,
        text: 'the request that is answered',
        at,
        end: stop,
        hue: NETLINK_HEADER,
        path: ['payload', 'request'],
      },
      root,
    );
    this.netlinkHeader(echo, at, ['payload', 'request']);
    let told: ReturnType<typeof explain> | undefined;
    if (stop > at + NLMSG_HDRLEN) {
      const body = at + NLMSG_HDRLEN;
      const inner = codecOf(protocol, request, view, body, stop);
      const known = this.nodes.length;
      try {
        const value = toJson(inner.get(view, body, stop));
        const path = ['payload', 'payload'];
        this.payload(echo, inner, request.type, body, stop, path, value);
        // The value holds the echoed request as bytes.
        for (const node of this.nodes.slice(known)) if (node.path !== undefined) node.path = path;
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
        this.nodes.length = known;
        this.add({ kind: 'unknown', name: 'payload', at: body, end: stop }, echo);
      }
    }
    const family = familyAt(view, at + NLMSG_HDRLEN, stop);
    const datagram = new DataView(view.buffer, view.byteOffset + at, stop - at);
    try {
      told = explain(ack, protocol.find(request.type, family, request.flags), datagram);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
    }
    const parts = partsOf(codec, view, start, end);
    const first = parts[0]?.at ?? end;
    if (first > stop) this.add({ kind: 'padding', name: 'padding', at: stop, end: first }, root);
    this.parts(root, parts, nlmsgerrAttrs, end, ['payload', 'attrs'], toJson(ack.attrs));
    const place = told?.attribute ?? told?.missing;
    const error = ack.error === 0 ? 'success' : errnoName(-ack.error);
    const text = told?.text === undefined ? '' : `: “${told.text}”`;
    const where = place === undefined ? '' : `, at ${place}`;
    return `${name}: ${error}${text}${where}`;
  }

  /** The attributes behind a header, or inside an attribute. */
  inside(
    parent: Node,
    whole: Codec<any, any>,
    body: Codec<any, any>,
    start: number,
    end: number,
    path: Path,
    value: unknown,
  ): void {
    this.parts(parent, partsOf(whole, this.view, start, end), body, end, path, value);
  }

  /** Parts come outermost first, as `walk` visits them. */
  parts(
    parent: Node,
    parts: readonly Part[],
    container: Codec<any, any>,
    end: number,
    path: Path,
    value: unknown,
  ): void {
    const depth = parts[0]?.depth;
    const own = parts.filter((part) => part.depth === depth);
    const places = new Places(container, value, path);
    own.forEach((part, i) => {
      const from = parts.indexOf(part) + 1;
      const next = own[i + 1];
      const to = next === undefined ? parts.length : parts.indexOf(next);
      this.part(parent, part, parts.slice(from, to), end, places);
    });
  }

  part(parent: Node, part: Part, inner: readonly Part[], end: number, places: Places): void {
    const { view } = this;
    const { at, body, end: stop, codec } = part;
    const { path, value, row, doc } = places.take(part, view);
    const padded = Math.min(at + align4(stop - at), end);
    const isTop = parent.kind === 'message';
    const hue = isTop ? this.nextHue() : parent.hue;
    const isUnknown = row === undefined && body > at && /^nla\d/.test(part.name);
    const node = this.add(
      {
        kind: isUnknown ? 'unknown' : 'attribute',
        name: part.name,
        text: inner.length > 0 || isHeaded(codec) ? '' : textOf(codec, view, body, stop),
        at,
        end: padded,
        hue,
        path,
        type: codec.type,
        ...(row !== undefined && { row }),
        ...(doc && { doc }),
      },
      parent,
    );
    if (body > at) this.attributeHeader(node, at);
    const { head, body: inside } = codec as { head?: Struct<any, any>; body?: Codec<any, any> };
    if (head !== undefined && inside !== undefined) {
      const headEnd = Math.min(body + head.span, stop);
      const header = this.add(
        { kind: 'header', name: head.name, at: body, end: headEnd, path },
        node,
      );
      this.struct(header, head, body, headEnd, path);
      const next = Math.min(body + align4(head.span), stop);
      if (next > headEnd)
        this.add({ kind: 'padding', name: 'padding', at: headEnd, end: next }, node);
      this.parts(node, inner, inside, stop, [...path, 'attrs'], attrsOf(value));
    } else if (inner.length > 0 && inner[0]!.at > body) {
      this.chosen(node, codec, body, stop, path, value, inner);
    } else if (inner.length > 0) {
      this.parts(node, inner, codec, stop, path, value);
    } else if (isStruct(codec) && stop - body >= codec.span) {
      this.struct(node, codec, body, stop, path);
    } else if (stop > body) {
      const text = textOf(codec, view, body, stop);
      this.add(
        { kind: 'value', name: 'value', text, at: body, end: stop, path, type: codec.type },
        node,
      );
    }
    if (padded > stop) this.add({ kind: 'padding', name: 'padding', at: stop, end: padded }, node);
  }

  /** A struct of a codec's own, whose kind chooses the attributes behind it, as of an ematch. */
  chosen(
    node: Node,
    codec: Codec<any, any>,
    body: number,
    stop: number,
    path: Path,
    value: unknown,
    inner: readonly Part[],
  ): void {
    const { kind, data } = value as { kind?: unknown; data?: unknown };
    const set = codec.inner?.().find(({ word }) => word === kind)?.codec ?? codec;
    const text = `kind ${String(kind)}`;
    this.add({ kind: 'header', name: 'header', text, at: body, end: inner[0]!.at, path }, node);
    this.parts(node, inner, set, stop, [...path, 'data'], data);
  }

  attributeHeader(node: Node, at: number): void {
    const length = this.view.getUint16(at, LITTLE_ENDIAN);
    const word = this.view.getUint16(at + 2, LITTLE_ENDIAN);
    const flags = [
      ...((word & NLA_F_NESTED) === 0 ? [] : ['NLA_F_NESTED']),
      ...((word & NLA_F_NET_BYTEORDER) === 0 ? [] : ['NLA_F_NET_BYTEORDER']),
    ].map((flag) => ` | ${flag}`);
    const text = `${word & NLA_TYPE_MASK}${flags.join('')} = ${node.name}`;
    const header = `${length} bytes: ${NLA_HDRLEN} of header, ${length - NLA_HDRLEN} of payload`;
    this.add({ kind: 'length', name: 'length', text: header, at, end: at + 2, type: 'u16' }, node);
    this.add({ kind: 'type', name: 'type', text, at: at + 2, end: at + 4, type: 'u16' }, node);
  }

  nextHue(): number {
    const hue = this.hue;
    this.hue = hue + 1 === HUES ? FIRST_ATTRIBUTE : hue + 1;
    return hue;
  }

  /** As far as the bytes can be read they are shown as what they are; the rest is in error. */
  torn(root: Node, codec: Codec<any, any>, start: number, end: number, fault: Fault): void {
    const { head } = codec as { head?: Struct<any, any> };
    let at = start;
    if (head !== undefined && end - start >= head.span) {
      this.header(root, head, start, start + head.span, ['payload']);
      at = Math.min(start + align4(head.span), end);
    }
    while (at < fault.at && end - at >= NLA_HDRLEN) {
      const stop = at + align4(this.view.getUint16(at, LITTLE_ENDIAN));
      if (stop > fault.at || stop <= at) break;
      const id = this.view.getUint16(at + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK;
      const body = (codec as { body?: Codec<any, any> }).body;
      const name = declaredIn(body, id)?.name ?? `nla${id}`;
      const node = this.add({ kind: 'attribute', name, at, end: stop, hue: this.nextHue() }, root);
      this.attributeHeader(node, at);
      if (stop > at + 4) this.add({ kind: 'value', name: 'value', at: at + 4, end: stop }, node);
      at = stop;
    }
    if (at < end) {
      this.add({ kind: 'error', name: 'cannot be read', text: fault.text, at, end }, root);
    }
  }

  /**
   * The place of an error: the attribute at which reading stops. Its own codec is tried for each
   * attribute in turn, because a CodecError names a path and no offset.
   */
  fault(codec: Codec<any, any>, start: number, end: number, error: CodecError): Fault {
    const { view } = this;
    const text = error.message;
    const { head, body } = codec as { head?: Struct<any, any>; body?: Codec<any, any> };
    if (head === undefined || body === undefined || end - start < head.span) {
      return { text, at: start, end };
    }
    return { text, ...firstFault(body, view, Math.min(start + align4(head.span), end), end) };
  }
}

/** The innermost attribute of `[at, end)` that cannot be read. */
function firstFault(
  codec: Codec<any, any>,
  view: DataView,
  at: number,
  end: number,
): { at: number; end: number } {
  const whole = { at, end };
  while (at < end) {
    if (end - at < NLA_HDRLEN) return { at, end };
    const length = view.getUint16(at, LITTLE_ENDIAN);
    if (length < NLA_HDRLEN || at + length > end) return { at, end: at + 2 };
    const stop = at + length;
    const id = view.getUint16(at + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK;
    const inner = declaredIn(codec, id)?.codec;
    if (inner !== undefined && !('select' in inner)) {
      try {
        inner.get(view, at + NLA_HDRLEN, stop);
      } catch {
        if (setInside(inner) === undefined) return { at, end: stop };
        return firstFault(inner, view, at + NLA_HDRLEN, stop);
      }
    }
    at += align4(length);
  }
  return whole;
}

function declaredIn(
  codec: Codec<any, any> | undefined,
  id: number,
): { name: string; codec: Codec<any, any> } | undefined {
  const set = codec && setInside(codec);
  if (set === undefined) return undefined;
  const all = Object.values(
    set.attributes as Record<string, { id: number; name: string; codec: Codec<any, any> }>,
  );
  return all.find((each) => each.id === id);
}

/** Where the attributes of one set, or the elements of one list, are in the value. */
class Places {
  readonly #codec: Codec<any, any>;
  readonly #value: unknown;
  readonly #path: Path;
  readonly #seen = new Map<string, number>();
  #index = 0;

  constructor(codec: Codec<any, any>, value: unknown, path: Path) {
    this.#codec = codec;
    this.#value = value;
    this.#path = path;
  }

  take(part: Part, view: DataView): { path: Path; value: unknown; row?: string; doc?: string } {
    if (Array.isArray(this.#value)) {
      const index = this.#index++;
      const element: unknown = this.#value[index];
      if (isNumbered(this.#codec)) {
        const { value } = element as { value: unknown };
        return { path: [...this.#path, index, 'value'], value };
      }
      return { path: [...this.#path, index], value: element };
    }
    const set = setInside(this.#codec);
    const attributes = (set?.attributes ?? {}) as Record<
      string,
      { name: string; id: number; doc: string; many?: true }
    >;
    const found = Object.entries(attributes).find(([, { name }]) => name === part.name);
    const values = (this.#value ?? {}) as Record<string, unknown>;
    // What stands before the attributes has no header, and is named as its key.
    if (part.body === part.at && part.name in values)
      return { path: [...this.#path, part.name], value: values[part.name] };
    const unknown = `nla${view.getUint16(part.at + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK}`;
    // A declared attribute whose kind is not: its bytes are kept like those of an unknown one.
    const isKept = found === undefined || (values[found[0]] === undefined && unknown in values);
    const key = isKept ? unknown : found[0];
    const count = this.#seen.get(key) ?? 0;
    this.#seen.set(key, count + 1);
    const row = found &&
      set && { row: `${pathOf(set.attributes)}/${part.name}`, doc: found[1].doc };
    if (found?.[1].many === true) {
      const list = values[key] as unknown[] | undefined;
      return { path: [...this.#path, key, count], value: list?.[count], ...row };
    }
    const name = count === 0 ? key : `${key}.${count + 1}`;
    return { path: [...this.#path, name], value: values[name], ...row };
  }
}

/** The place of a set in the declarations: `link/IFLA_LINKINFO`. */
let paths: Map<unknown, string> | undefined;
const protocols = new Set<Protocol>();

/** Makes the sets of a protocol known, so that their attributes have rows. */
export function know(...given: readonly Protocol[]): void {
  for (const protocol of given) protocols.add(protocol);
  paths = undefined;
}

function pathOf(attributes: unknown): string | undefined {
  paths ??= new Map(
    [...[...protocols].flatMap(setsOf), ...setsIn(nlmsgerrAttrs, 'ack')].map(({ path, set }) => [
      set.attributes as unknown,
      path,
    ]),
  );
  return paths.get(attributes);
}

export function setInside(codec: Codec<any, any>): { attributes: unknown } | undefined {
  if (isSet(codec)) return codec;
  const [only, ...others] = codec.inner?.() ?? [];
  return only === undefined || others.length > 0 ? undefined : setInside(only.codec);
}

function partsOf(codec: Codec<any, any>, view: DataView, start: number, end: number): Part[] {
  const parts: Part[] = [];
  codec.walk?.(view, start, end, (part) => parts.push(part), 0);
  return parts;
}

function textOf(codec: Codec<any, any>, view: DataView, at: number, end: number): string {
  if (codec === rawBytes) return end === at ? 'empty' : `${end - at} bytes`;
  return codec.show(codec.get(view, at, end));
}

const attrsOf = (value: unknown): unknown => (value as { attrs?: unknown } | undefined)?.attrs;
const isHeaded = (codec: object): boolean => 'head' in codec && 'body' in codec;
const isStruct = (codec: object): codec is Struct<any, any> =>
  (codec as Partial<Struct<any, any>>).kind === 'struct';
const docOf = (codec: object): string => (codec as { doc?: string }).doc ?? '';
