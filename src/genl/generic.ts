/**
 * The protocol `NETLINK_GENERIC`: families by their ids, and in each its messages by command.
 *
 * The id of a family is the message type, and the command is the first byte of the payload.
 */
import { checkedFunction } from '../netlink/codec/arguments.ts';
import { NETLINK_GENERIC } from '../netlink/constants.ts';
import { protocol } from '../netlink/codec/message.ts';
import type { Protocol } from '../netlink/codec/protocol.ts';
import { GENL_ID_CTRL } from './constants.ts';
import type { GenlFamily } from './declare.ts';
import { nlctrl } from './family/message.ts';

/**
 * The protocol of the controller and of families whose ids are known.
 *
 * @throws CodecError for anything but families with their ids
 */
export const genericProtocol = checkedFunction(
  'genericProtocol',
  'families?: object | array',
  protocolWith,
);

function protocolWith(families: Iterable<readonly [GenlFamily, number]> = []): Protocol {
  const byId = new Map<number, Protocol>();
  const names = new Map<number, string>();
  const idOf = new Map<string, number>();
  const commands = new Map<string, number>();
  for (const [{ name, messages }, id] of [[nlctrl, GENL_ID_CTRL] as const, ...families]) {
    byId.set(id, protocol(name, NETLINK_GENERIC, messages));
    names.set(id, name);
    idOf.set(name, id);
    for (const { types } of messages) {
      for (const [command, number] of Object.entries<number>(types)) {
        idOf.set(command, id);
        commands.set(command, number);
      }
    }
  }
  const all = [...byId.values()].flatMap(({ messages }) => messages);
  return {
    name: 'NETLINK_GENERIC',
    number: NETLINK_GENERIC,
    messages: all,
    find(type, command, flags) {
      const family = byId.get(type);
      return command === undefined ? family?.messages[0] : family?.find(command, undefined, flags);
    },
    typeName(type, command, flags) {
      const { types } =
        (command === undefined ? undefined : byId.get(type)?.find(command, undefined, flags)) ?? {};
      for (const name in types) if (types[name] === command) return name;
      return names.get(type) ?? `type ${type}`;
    },
    commandNumber: (name) => commands.get(name),
    typeNumber: (name) => idOf.get(name),
    readAck: byId.get(GENL_ID_CTRL)!.readAck,
  };
}

/** The protocol with the controller alone. */
export const generic: Protocol = genericProtocol();
