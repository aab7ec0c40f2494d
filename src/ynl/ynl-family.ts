/** The messages of a specification: declared as a family of generic netlink, or as a protocol. */
import type { GenlFamily } from '../genl/declare.ts';
import type { AnyMessage } from '../netlink/codec/message.ts';
import type { Protocol } from '../netlink/codec/protocol.ts';
import { Declarations, type KeyOf } from './declare.ts';
import type { MessageSpec, OperationSpec } from './operations.ts';
import { printFile } from './print-terms.ts';
import { readSpec, type GroupSpec, type Spec } from './spec.ts';
import { call, number, record, text, type Term } from './term.ts';

/** What is sent for a `do` or a `dump`. */
export interface YnlRequest {
  readonly message: AnyMessage;
  /** The number of the message type, or of the command. */
  readonly number: number;
  /** `RTM_GETLINK` */
  readonly type: string;
}

/** An operation of a specification. */
export interface YnlOperation {
  readonly name: string;
  readonly doc: string;
  /** Undefined if the specification has it for all objects only. */
  readonly do: YnlRequest | undefined;
  /** Undefined if the specification has it for one object only. */
  readonly dump: YnlRequest | undefined;
}

/** A family as its specification declares it. */
export interface YnlFamily {
  /** `netdev`, `rt-link` */
  readonly name: string;
  readonly doc: string;
  /** Of generic netlink. */
  readonly genl: GenlFamily | undefined;
  /** Of any other protocol. */
  readonly protocol: Protocol | undefined;
  readonly operations: Readonly<Record<string, YnlOperation>>;
  readonly groups: readonly { readonly name: string; readonly number: number | undefined }[];
  /** The notifications, by the names of their message types. */
  readonly notifications: Readonly<Record<string, string>>;
  /** What the specification has and this library does not understand; none of it changes bytes. */
  readonly notes: readonly string[];
}

/** A message with the types that have its header and attributes. */
interface Layout {
  readonly set: string | undefined;
  readonly header: string | undefined;
  readonly sender: 'user' | 'kernel' | undefined;
  readonly types: Map<string, number>;
  /** The operation that it is named after, and described by. */
  readonly first: OperationSpec;
}

/** The family, and the text of a file that declares it. */
export function declareFamily(
  document: unknown,
  keyOf: KeyOf,
): { readonly family: YnlFamily; readonly source: string } {
  const spec = readSpec(document);
  const declarations = new Declarations(spec, keyOf);
  const layouts = layoutsOf(spec);
  const messages = new Map(
    layouts.map((layout) => [layout, messageOf(spec, layout, declarations)]),
  );
  const terms = [...messages.values()];
  const list = declarations.list(terms);
  const whole = declarations.definitions.take(spec.name);
  const { term, genl, protocol } = wholeOf(spec, list);
  declarations.definitions.add(whole, term, spec.doc);

  const requestOf = (operation: OperationSpec, request: MessageSpec | undefined) => {
    if (request === undefined) return undefined;
    const layout = layouts.find((each) => carries(each, operation, request, 'user'))!;
    const message = messages.get(layout)!.value as AnyMessage;
    return { message, number: request.number, type: request.kernelName };
  };
  const { list: operations } = spec.operations;
  const family: YnlFamily = {
    name: spec.name,
    doc: spec.doc,
    genl,
    protocol,
    operations: Object.fromEntries(
      operations
        .filter((each) => each.do !== undefined || each.dump !== undefined)
        .map((each) => {
          const { name, doc } = each;
          const own = { do: requestOf(each, each.do), dump: requestOf(each, each.dump) };
          return [name, { name, doc, ...own }];
        }),
    ),
    groups: spec.groups.map(({ name, number: id }: GroupSpec) => ({ name, number: id })),
    notifications: Object.fromEntries(
      operations
        .filter((each) => each.isNotification)
        .flatMap(({ name, replies }) => replies.map(({ kernelName }) => [kernelName, name])),
    ),
    notes: spec.notes,
  };
  const head = `The family ${spec.name}, made by netlink-ts ynl of its specification.`;
  return { family, source: printFile(head, declarations.definitions.list) };
}

const carries = (
  { set, header, sender, types }: Layout,
  operation: OperationSpec,
  { number: id, kernelName }: MessageSpec,
  by: 'user' | 'kernel',
): boolean =>
  set === operation.set &&
  header === operation.header &&
  (sender ?? by) === by &&
  types.get(kernelName) === id;

/**
 * Message types with the same header and attributes are one message. Where a number means another
 * layout, or has another name, by who sends it, each direction has messages of its own.
 */
function layoutsOf(spec: Spec): Layout[] {
  const { list } = spec.operations;
  const sent = list.flatMap((operation) =>
    [operation.do, operation.dump].flatMap((message) =>
      message === undefined ? [] : [{ operation, message, sender: 'user' as const }],
    ),
  );
  const received = list.flatMap((operation) =>
    operation.replies.map((message) => ({ operation, message, sender: 'kernel' as const })),
  );
  const all = [...sent, ...received];
  const isSame = (a: (typeof all)[number], b: (typeof all)[number]): boolean =>
    a.operation.set === b.operation.set &&
    a.operation.header === b.operation.header &&
    a.message.kernelName === b.message.kernelName;
  const isSplit = all.some((a) =>
    all.some(
      (b) => a.message.number === b.message.number && a.sender !== b.sender && !isSame(a, b),
    ),
  );
  const layouts: Layout[] = [];
  const taken = new Map<string, (typeof all)[number]>();
  for (const each of all) {
    const { operation, message } = each;
    const { set, header } = operation;
    const sender = isSplit ? each.sender : undefined;
    const other = taken.get(`${sender ?? ''} ${message.number}`);
    if (other !== undefined && !isSame(other, each)) {
      const isLike = other.operation.set === set && other.operation.header === header;
      if (isLike && each.sender === 'kernel') continue;
      const names = `"${other.operation.name}" and "${operation.name}"`;
      throw operation.at.error(`${names} have the number ${message.number}, but differ`);
    }
    taken.set(`${sender ?? ''} ${message.number}`, each);
    let layout = layouts.find(
      (one) => one.set === set && one.header === header && one.sender === sender,
    );
    if (layout === undefined) {
      layouts.push((layout = { set, header, sender, types: new Map(), first: operation }));
    }
    layout.types.set(message.kernelName, message.number);
  }
  return layouts;
}

function messageOf(spec: Spec, layout: Layout, declarations: Declarations): Term {
  const { set, header, sender, types, first } = layout;
  const { at } = first;
  const body =
    set === undefined ? declarations.empty() : declarations.set(at, set, 'attribute-set');
  const suffix = sender === undefined ? '' : sender === 'user' ? '-request' : '-reply';
  const name = `${set ?? first.name}${suffix}`;
  const numbers = record([...types].map(([type, id]) => [type, number(id)]));
  const own: [string, Term][] = [['doc', text(first.doc)]];
  if (sender !== undefined) own.push(['sender', text(sender)]);
  const add = (term: Term): Term => {
    const identifier = declarations.definitions.take(`${name}-message`);
    const type = identifier[0]!.toUpperCase() + identifier.slice(1);
    return declarations.definitions.add(identifier, term, first.doc, type);
  };
  if (spec.protonum === undefined) {
    if (header !== undefined) {
      const struct = spec.structs.get(header);
      if (struct === undefined) throw at.error(`there is no struct "${header}"`, 'fixed-header');
      const clash = struct.members.find(({ name: member }) => ['cmd', 'version'].includes(member));
      if (clash) throw clash.at.error('a header must not have this member', 'name');
      own.push(['header', declarations.fields(struct.members)]);
    }
    return add(call('genlMessage', text(name), numbers, body, record(own)));
  }
  const head =
    header === undefined
      ? call('struct', text('none'), record([]))
      : declarations.struct(at, header, 'fixed-header');
  return add(call('message', text(name), numbers, head, body, record(own)));
}

function wholeOf(
  { name, version, protonum }: Spec,
  messages: Term<unknown[]>,
): { term: Term; genl: GenlFamily | undefined; protocol: Protocol | undefined } {
  if (protonum !== undefined) {
    const term = call('protocol', text(name), number(protonum), messages);
    return { term, genl: undefined, protocol: term.value as Protocol };
  }
  const options = record([
    ['version', number(version)],
    ['messages', messages],
  ]);
  const term = call('genlFamily', text(name), options);
  return { term, genl: term.value as GenlFamily, protocol: undefined };
}
