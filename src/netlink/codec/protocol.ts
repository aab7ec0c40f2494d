/** A protocol: all messages of one netlink family, looked up by their types. */
import type { Ack } from './ack.ts';
import { NLM_F_REQUEST } from '../constants.ts';
import type { AnyMessage } from './message.ts';

/** All messages of one netlink protocol. */
export interface Protocol {
  /** `NETLINK_ROUTE` */
  readonly name: string;
  readonly number: number;
  readonly messages: readonly AnyMessage[];
  /**
   * The declaration for this message type. The first payload byte selects between families,
   * `NLM_F_REQUEST` between senders.
   */
  find(type: number, family: number | undefined, flags?: number): AnyMessage | undefined;
  /**
   * `RTM_NEWLINK` for 16, `type 999` for an unknown type. In generic netlink the command has the
   * name, which may differ for each sender: `CTRL_CMD_NEWFAMILY`. It is the first payload byte.
   */
  typeName(type: number, first?: number, flags?: number): string;
  /** In generic netlink: the number of a command. */
  commandNumber?(name: string): number | undefined;
  /** 16 for `RTM_NEWLINK`. */
  typeNumber(name: string): number | undefined;
  /** Reads an extended acknowledgement. Without it, only the error number is read. */
  readonly readAck: ReadAck | undefined;
}

/** Reads the payload `[at, end)` of an `NLMSG_ERROR` or `NLMSG_DONE`. */
export type ReadAck = (view: DataView, type: number, flags: number, at: number, end: number) => Ack;

/** A protocol whose messages need not be declared; `protocol()` makes one from declarations. */
export const protocolOf = (
  name: string,
  number: number,
  messages: readonly AnyMessage[],
  readAck?: ReadAck,
): Protocol => new Messages(name, number, messages, readAck);

class Messages implements Protocol {
  declare readonly name: string;
  declare readonly number: number;
  declare readonly messages: readonly AnyMessage[];
  declare readonly readAck: ReadAck | undefined;
  declare byType: Map<number, Candidates> | undefined;
  declare byName: Map<string, number> | undefined;

  constructor(
    name: string,
    number: number,
    messages: readonly AnyMessage[],
    readAck: ReadAck | undefined,
  ) {
    this.name = name;
    this.number = number;
    this.messages = messages;
    this.readAck = readAck;
    this.byType = undefined;
    this.byName = undefined;
  }

  find(type: number, family: number | undefined, flags = 0): AnyMessage | undefined {
    const found = (this.byType ??= candidates(this.messages)).get(type);
    if (found === undefined) return undefined;
    const { messages, families } = found;
    if (messages.length === 1) return messages[0];
    if (families !== undefined) {
      return (family === undefined ? undefined : families[family]) ?? found.general;
    }
    const sender = (flags & NLM_F_REQUEST) === 0 ? 'kernel' : 'user';
    const possible = messages.filter((each) => (each.sender ?? sender) === sender);
    return (
      possible.find((each) => each.family === family) ??
      possible.find((each) => each.family === undefined)
    );
  }

  typeName(type: number): string {
    return (this.byType ??= candidates(this.messages)).get(type)?.name ?? `type ${type}`;
  }

  typeNumber(name: string): number | undefined {
    return (this.byName ??= numbers(this.messages)).get(name);
  }
}

/** The messages that a type may stand for, and its kernel name. */
interface Candidates {
  readonly name: string;
  readonly messages: AnyMessage[];
  /** By address family, and for all others; unless the sender decides. */
  families: (AnyMessage | undefined)[] | undefined;
  general: AnyMessage | undefined;
}

function candidates(messages: readonly AnyMessage[]): Map<number, Candidates> {
  const byType = new Map<number, Candidates>();
  for (const declared of messages) {
    for (const name in declared.types) {
      const type = declared.types[name]!;
      let found = byType.get(type);
      if (found === undefined) {
        byType.set(type, (found = { name, messages: [], families: [], general: undefined }));
      }
      found.messages.push(declared);
      const { family, sender } = declared;
      if (sender !== undefined) found.families = undefined;
      else if (family === undefined) found.general ??= declared;
      else if (found.families !== undefined) found.families[family] ??= declared;
    }
  }
  return byType;
}

function numbers(messages: readonly AnyMessage[]): Map<string, number> {
  return new Map(messages.flatMap(({ types }) => Object.entries(types)));
}
