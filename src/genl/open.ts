/**
 * Opens generic netlink: the controller's verbs, and connections to the families that are declared.
 */
import { checked } from '../netlink/codec/arguments.ts';
import {
  connect,
  type Connection,
  type ConnectionOptions,
  type Request,
} from '../netlink/connection.ts';
import {
  type Closable,
  MONITOR_BUFFER,
  type MonitorOptions,
  openHandle,
  type OpenOptions,
  type OpenSocket,
} from '../netlink/handle.ts';
import { monitor, type Monitor, type Unreadable } from '../netlink/monitor.ts';
import type { Socket } from '../netlink/socket.ts';
import { CodecError, mustBeOpen } from '../errors.ts';
import * as c from './constants.ts';
import type { AnyGenlMessage, GenlFamily, GenlMessage } from './declare.ts';
import type { Family } from './family/message.ts';
import {
  familyObject,
  type FamilyGroup,
  type FamilyObject,
  type FamilyPolicy,
} from './family/requests.ts';
import { familyVerbs, noFamily, policyOf, type FamilyVerbs } from './family/verbs.ts';
import { generic, genericProtocol } from './generic.ts';

export type { MonitorOptions, OpenOptions } from '../netlink/handle.ts';

/** The commands of a message, and of all messages of a family. */
export type CommandOf<M> = M extends GenlMessage<any, any, infer C> ? C : never;
/** What the message with this command takes. */
export type AttrsOf<M, C> =
  M extends GenlMessage<any, infer I, infer K>
    ? C extends K
      ? I extends { attrs?: infer A }
        ? A
        : never
      : never
    : never;
/** The possible answers. */
export type ReplyOf<M> = M extends GenlMessage<infer T, any, any> ? T : never;

/**
 * `lost`: the kernel dropped messages. `unreadable`: a message that cannot be decoded; the monitor
 * continues.
 */
export type GenlEvent<T> =
  | { readonly type: 'message'; readonly value: T }
  | ({ readonly type: 'unreadable' } & Unreadable)
  | { readonly type: 'lost' };

/** A connection to one family. */
export interface FamilyConnection<M extends AnyGenlMessage> extends Connection {
  /** The family as the kernel registered it. */
  readonly family: FamilyObject;
  /**
   * The request with this command, for `get`, `request`, `list`, `dump` and `batch`.
   *
   * @throws CodecError for a command that is not declared
   * @example connection.list(connection.command('WG_CMD_GET_DEVICE', { ifname: 'wg0' }))
   */
  command<C extends CommandOf<M>>(
    command: C,
    attrs?: AttrsOf<M, C>,
  ): Request<ReplyOf<M>, { attrs?: AttrsOf<M, C> | undefined }>;
  /**
   * Notifications of multicast groups, by their names.
   *
   * @throws CodecError for a group that the family does not have
   * @example for await (const event of connection.monitor(['monitor'])) console.log(event);
   */
  monitor(groups: readonly string[], options?: MonitorOptions): Monitor<GenlEvent<ReplyOf<M>>>;
}

/** A family or a group that was registered or removed. */
export type FamilyEvent =
  | { readonly type: 'families'; readonly action: 'new' | 'del'; readonly value: FamilyObject }
  | {
      readonly type: 'groups';
      readonly action: 'new' | 'del';
      /** The family, by its name. */
      readonly family: string;
      readonly value: FamilyGroup;
    }
  | ({ readonly type: 'unreadable' } & Unreadable)
  | { readonly type: 'lost' };

export interface Genl extends Connection {
  readonly families: FamilyVerbs;
  /**
   * The policies by which the kernel checks the attributes of a family: of all commands or of one.
   * Linux 5.7 or newer.
   *
   * @throws NetlinkError ENOENT if there is no such family
   */
  policy(family: string | number, command?: number): FamilyPolicy;
  /**
   * Opens a connection to a family, which has a socket of its own.
   *
   * @throws NetlinkError ENOENT if the kernel does not have it; the error names the module to load
   * @example using wg = genl.open(wireguard);
   */
  open<M extends AnyGenlMessage>(
    family: GenlFamily<M>,
    options?: ConnectionOptions,
  ): FamilyConnection<M>;
  /** Families and groups as they are registered and removed. */
  monitor(options?: MonitorOptions): Monitor<FamilyEvent>;
}

/**
 * Opens generic netlink. Asking the controller needs no privilege.
 *
 * @throws NetlinkError ENOENT for a namespace that does not exist, EPERM to enter it
 * @throws CodecError for options of the wrong type
 *
 * @example
 * using genl = openGenl();
 * for (const { name, groups } of genl.families.list()) console.log(name, groups.length);
 */
export const openGenl = (options: OpenOptions = {}): Genl =>
  openHandle('openGenl', generic, options, verbs);

function verbs(connection: Connection, openSocket: OpenSocket): Genl {
  const families = familyVerbs(connection);
  return {
    ...connection,
    families: checked('families', families, {
      list: '',
      get: 'name: string | number',
      find: 'name: string | number',
    }),
    ...checked(
      'genl',
      {
        policy: (name: string | number, command?: number) => policyOf(connection, name, command),
        open(declared: GenlFamily<any>, options?: ConnectionOptions) {
          const family = known(families, declared);
          return familyOver(openSocket(), declared, family, openSocket, options);
        },
        monitor(options?: MonitorOptions) {
          mustBeOpen(connection);
          return watch(openSocket, options);
        },
      },
      {
        policy: 'family: string | number, command?: number',
        open: 'family: object, options?: object',
        monitor: 'options?: object',
      },
    ),
  };
}

/** The family as the kernel has it. */
function known(families: FamilyVerbs, { name, module }: GenlFamily<any>): FamilyObject {
  const found = families.find(name);
  if (found === undefined) throw noFamily(name, module);
  return found;
}

/**
 * Opens the handle of one family, whose id the same socket asks for. `operation` is the public
 * function, for errors.
 *
 * @throws NetlinkError ENOENT if the kernel does not have it; the error names the module to load
 * @throws CodecError for options of the wrong type
 */
export const openFamily = <M extends AnyGenlMessage, H extends object>(
  operation: string,
  declared: GenlFamily<M>,
  options: OpenOptions,
  verbsOf: (connection: FamilyConnection<M>, openSocket: OpenSocket) => H,
): H & Closable =>
  openHandle(operation, generic, options, (connection, openSocket) => {
    const { socket } = connection;
    try {
      const family = known(familyVerbs(connection), declared);
      return verbsOf(familyOver(socket, declared, family, openSocket, options), openSocket);
    } catch (error) {
      connection.close();
      throw error;
    }
  });

/** A connection to a family over a socket. */
function familyOver<M extends AnyGenlMessage>(
  socket: Socket,
  declared: GenlFamily<M>,
  family: FamilyObject,
  openSocket: OpenSocket,
  options?: ConnectionOptions,
): FamilyConnection<M> {
  const protocol = genericProtocol([[declared, family.id]]);
  const connection = connect(protocol, socket, options);
  return {
    ...connection,
    family,
    ...checked(
      declared.name,
      {
        command(command: string, attrs?: object) {
          const message = declared.messages.find(({ types }) => Object.hasOwn(types, command));
          if (message === undefined) {
            throw new CodecError(`${declared.name} has no command ${command}`);
          }
          const value = { cmd: command, version: declared.version, attrs };
          return { message, type: family.id, value };
        },
        monitor(groups: readonly string[], given: MonitorOptions = {}) {
          mustBeOpen(connection);
          const ids = groups.map((name) => groupOf(family, name));
          const { signal, receiveBuffer = MONITOR_BUFFER } = given;
          return monitor<GenlEvent<any>>(protocol, openSocket({ receiveBuffer }), {
            groups: ids,
            signal,
            *notice({ value }) {
              yield { type: 'message', value };
            },
            ...UNUSUAL,
          });
        },
      },
      { command: 'command: string, attrs?: object', monitor: 'groups: array, options?: object' },
    ),
  } as FamilyConnection<M>;
}

function groupOf({ name: family, groups }: FamilyObject, name: string): number {
  const found = groups.find((group) => group.name === name);
  if (found !== undefined) return found.id;
  const known = groups.map((group) => group.name).join(', ');
  throw new CodecError(`${family} has no group "${name}", only ${known === '' ? 'none' : known}`);
}

const UNUSUAL = {
  *unreadable(message: Unreadable): Iterable<{ readonly type: 'unreadable' } & Unreadable> {
    yield { type: 'unreadable', ...message };
  },
  *lost(): Iterable<{ readonly type: 'lost' }> {
    yield { type: 'lost' };
  },
};

function watch(openSocket: OpenSocket, options: MonitorOptions = {}): Monitor<FamilyEvent> {
  const { signal, receiveBuffer = MONITOR_BUFFER } = options;
  return monitor<FamilyEvent>(generic, openSocket({ receiveBuffer }), {
    groups: [c.GENL_GRP_NOTIFY],
    signal,
    *notice({ value }) {
      yield* eventsOf(value as Family);
    },
    ...UNUSUAL,
  });
}

function* eventsOf(value: Family): Iterable<FamilyEvent> {
  const { cmd } = value;
  const object = familyObject(value);
  const action = cmd === 'CTRL_CMD_DELFAMILY' || cmd === 'CTRL_CMD_DELMCAST_GRP' ? 'del' : 'new';
  if (cmd === 'CTRL_CMD_NEWFAMILY' || cmd === 'CTRL_CMD_DELFAMILY') {
    yield { type: 'families', action, value: object };
  } else {
    for (const group of object.groups) {
      yield { type: 'groups', action, family: object.name, value: group };
    }
  }
}
