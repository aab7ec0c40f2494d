/**
 * Opens a family that a specification declares: requests and notifications by the names that are in
 * it, as the kernel's own tools/net/ynl/cli.py has them.
 */
import type { FamilyObject } from '../genl/family/requests.ts';
import { openFamily } from '../genl/open.ts';
import { checkArguments, checked } from '../netlink/codec/arguments.ts';
import type { AnyMessage } from '../netlink/codec/message.ts';
import type { Connection, DumpIterator, Request } from '../netlink/connection.ts';
import {
  MONITOR_BUFFER,
  openHandle,
  type MonitorOptions,
  type OpenOptions,
  type OpenSocket,
} from '../netlink/handle.ts';
import { monitor, type Monitor, type Unreadable } from '../netlink/monitor.ts';
import { CodecError, mustBeOpen } from '../errors.ts';
import type { YnlFamily, YnlRequest } from './ynl-family.ts';

/** What a request takes and an answer has: the fields of the header, and the attributes. */
export type YnlValue = Readonly<Record<string, unknown>>;

/** Options of a single request. */
export interface YnlCallOptions {
  /** `NLM_F_CREATE`, `NLM_F_EXCL`, … as one number. */
  readonly flags?: number | undefined;
}

/**
 * A notification by the name of its operation; undefined if the specification has none for its
 * message type. `lost`: the kernel dropped messages. `unreadable`: a message that cannot be
 * decoded.
 */
export type YnlEvent =
  | { readonly type: 'message'; readonly name: string | undefined; readonly value: YnlValue }
  | ({ readonly type: 'unreadable' } & Unreadable)
  | { readonly type: 'lost' };

/** A connection to a family. */
export interface Ynl {
  readonly family: YnlFamily;
  /**
   * The `do` of an operation. Returns the answer; undefined if the kernel only acknowledges.
   *
   * @throws NetlinkError with the errno of the kernel's refusal
   * @throws CodecError for an operation or a key that the specification does not have, and for a
   *   value that does not fit it
   */
  do(operation: string, value?: YnlValue, options?: YnlCallOptions): YnlValue | undefined;
  /**
   * The `dump` of an operation, read datagram by datagram on demand.
   *
   * @throws NetlinkError EINTR at the end if objects changed meanwhile; `list` repeats the dump
   * @throws CodecError for an operation or a key that the specification does not have
   */
  dump(operation: string, value?: YnlValue): DumpIterator<YnlValue>;
  /**
   * The same in an array. A dump interrupted by a change is repeated.
   *
   * @throws NetlinkError EINTR if every repetition is interrupted
   * @throws CodecError for an operation or a key that the specification does not have
   */
  list(operation: string, value?: YnlValue): YnlValue[];
  /**
   * Notifications of multicast groups.
   *
   * @throws CodecError for a group that the family does not have
   * @throws NetlinkError if a group cannot be joined: EPERM
   */
  notify(groups: string | readonly string[], options?: MonitorOptions): Monitor<YnlEvent>;
  close(): void;
  [Symbol.dispose](): void;
}

/** Opens the family in a network namespace. `operation` is the public function, for errors. */
export const openYnl = (operation: string, family: YnlFamily, options: OpenOptions): Ynl =>
  family.genl === undefined
    ? openHandle(operation, family.protocol!, options, (connection, openSocket) =>
        verbs(family, { connection, openSocket }),
      )
    : openFamily(operation, family.genl, options, (connection, openSocket) =>
        verbs(family, { connection, openSocket, assigned: connection.family }),
      );

interface Opened {
  readonly connection: Connection;
  readonly openSocket: OpenSocket;
  /** What the controller of generic netlink has assigned to the family. */
  readonly assigned?: FamilyObject;
}

type Verbs = Omit<Ynl, 'close' | typeof Symbol.dispose>;

function verbs(family: YnlFamily, opened: Opened): Verbs {
  const { connection, openSocket } = opened;
  const request = (name: string, mode: 'do' | 'dump', value: YnlValue, flags?: number): Request => {
    const { message, number, type } = requestOf(family, name, mode);
    const inner = innerOf(message, value);
    const { assigned } = opened;
    if (assigned === undefined) return { message, type: number, flags, value: inner };
    const command = { cmd: type, version: family.genl!.version };
    return { message, type: assigned.id, flags, value: { ...inner, ...command } };
  };
  const as = (message: AnyMessage) => (value: MessageValue) => flatOf(message, value);
  return {
    family,
    ...checked(
      family.name,
      {
        do(name: string, value: YnlValue = {}, { flags }: YnlCallOptions = {}) {
          checkArguments(`${family.name}.do`, 'flags?: number', [flags]);
          const asked = request(name, 'do', value, flags);
          const { replies } = connection.request(asked);
          return replies[0] === undefined ? undefined : flatOf(asked.message, replies[0]);
        },
        dump(name: string, value: YnlValue = {}) {
          const asked = request(name, 'dump', value);
          return connection.dump(asked, { as: as(asked.message) });
        },
        list(name: string, value: YnlValue = {}) {
          const asked = request(name, 'dump', value);
          return connection.list(asked, { as: as(asked.message) });
        },
        notify(groups: string | readonly string[], given: MonitorOptions = {}) {
          mustBeOpen(connection);
          const names = typeof groups === 'string' ? [groups] : groups;
          const numbers = names.map((name) => groupOf(family, opened, name));
          const { signal, receiveBuffer = MONITOR_BUFFER } = given;
          const { protocol } = connection;
          return monitor<YnlEvent>(protocol, openSocket({ receiveBuffer }), {
            groups: numbers,
            signal,
            *notice({ type, message, value }) {
              const { cmd } = value as { cmd?: string };
              const kernelName = opened.assigned === undefined ? protocol.typeName(type) : cmd!;
              const name = Object.hasOwn(family.notifications, kernelName)
                ? family.notifications[kernelName]
                : undefined;
              yield { type: 'message', name, value: flatOf(message, value as MessageValue) };
            },
            *unreadable(message) {
              yield { type: 'unreadable', ...message };
            },
            *lost() {
              yield { type: 'lost' };
            },
          });
        },
      },
      {
        do: 'operation: string, value?: object, options?: object',
        dump: 'operation: string, value?: object',
        list: 'operation: string, value?: object',
        notify: 'groups: string | array, options?: object',
      },
    ),
  };
}

/** Where only the other mode is specified, the kernel decides: specifications leave out some. */
function requestOf(
  { name, operations }: YnlFamily,
  operation: string,
  mode: 'do' | 'dump',
): YnlRequest {
  const found = Object.hasOwn(operations, operation) ? operations[operation]! : undefined;
  const request = found?.[mode] ?? found?.do ?? found?.dump;
  if (request !== undefined) return request;
  const known = Object.keys(operations).join(', ');
  throw new CodecError(`${name} has no operation "${operation}", only ${known || 'none'}`);
}

function groupOf({ name: family, groups }: YnlFamily, { assigned }: Opened, name: string): number {
  const all: readonly { readonly name: string; readonly number?: number | undefined }[] =
    assigned?.groups.map(({ name: each, id }) => ({ name: each, number: id })) ?? groups;
  const found = all.find((group) => group.name === name);
  if (found === undefined) {
    const known = all.map((group) => group.name).join(', ');
    throw new CodecError(`${family} has no group "${name}", only ${known === '' ? 'none' : known}`);
  }
  if (found.number === undefined) {
    throw new CodecError(`the specification of ${family} has no number for the group "${name}"`);
  }
  return found.number;
}

interface MessageValue extends YnlValue {
  readonly attrs?: YnlValue;
}

/** The fields before a family's own in generic netlink, which its name and the operation give. */
const GENERIC = ['cmd', 'version'];
/** Holds the fields of a header that have the name of an attribute. */
const HEADER = 'header';

const isGeneric = (message: AnyMessage): boolean => message.head.name === 'genlmsghdr';

/** Header and attributes as one object, as `do` takes it. */
function flatOf(message: AnyMessage, { attrs = {}, ...head }: MessageValue): YnlValue {
  const isAttribute = (key: string): boolean => Object.hasOwn(message.body.attributes, key);
  const fields = Object.entries(head).filter(
    ([key]) => !(isGeneric(message) && GENERIC.includes(key)),
  );
  const own = fields.filter(([key]) => !isAttribute(key));
  const shadowed = fields.filter(([key]) => isAttribute(key));
  return {
    ...Object.fromEntries(own),
    ...(shadowed.length > 0 && { [HEADER]: Object.fromEntries(shadowed) }),
    ...attrs,
  };
}

/** The inverse. */
function innerOf({ head, body }: AnyMessage, value: YnlValue): MessageValue {
  const fields: Record<string, unknown> = {};
  const attrs: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) {
    const isAttribute = Object.hasOwn(body.attributes, key);
    if (key === HEADER && !isAttribute) Object.assign(fields, each);
    else if (!isAttribute && Object.hasOwn(head.fields, key)) fields[key] = each;
    else attrs[key] = each;
  }
  return { ...fields, attrs };
}
