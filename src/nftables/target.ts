/** What verbs act on: a connection, or a transaction that is being planned. */
import type { Request } from '../netlink/connection.ts';
import type { Message } from '../netlink/codec/message.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../netlink/constants.ts';
import type { TableFamily } from './messages/nfgenmsg.ts';

export interface Target {
  /** Applies the changes as one transaction, or adds them to the one being planned. */
  change(...changes: readonly Request[]): void;
  /** One object. ENOENT if it does not exist. */
  get<T, I>(request: Request<T, I>): T;
  /** The same, or undefined if it does not exist. */
  find<T, I>(request: Request<T, I>): T | undefined;
  /** All objects; none if the table or the chain does not exist. */
  list<T, I>(request: Request<T, I>): T[];
}

/** Limits a list to a family, or to a table of it. */
export interface Within {
  readonly family?: TableFamily | undefined;
  readonly table?: string | undefined;
}

/** Identifies an object of a table by its name. */
export interface Named {
  readonly family: TableFamily;
  readonly table: string;
  readonly name: string;
}

/** What a change takes besides the object itself. */
export interface Exclusive {
  /** Fail with EEXIST if it exists already. */
  readonly exclusive?: boolean | undefined;
}

export const create = ({ exclusive }: Exclusive): number =>
  NLM_F_CREATE | (exclusive === true ? NLM_F_EXCL : 0);

/** A request about one object, which these attributes identify. */
export const named = <T, I>(
  message: Message<T, I>,
  type: number,
  { family, ...attrs }: Omit<Named, 'table'> & { readonly table?: string; readonly type?: unknown },
): Request<T, I> => ({ message, type, value: { family, attrs } as I });

/** A request for all objects, of a table or of a family. */
export const within = <T, I>(
  message: Message<T, I>,
  type: number,
  { family, ...attrs }: Within,
): Request<T, I> => ({ message, type, value: { family, attrs } as I });

/** The verbs that read one object. */
export const reading = <S, T, I, O>(
  target: Target,
  request: (spec: S) => Request<T, I>,
  object: (message: T) => O,
) => ({
  get: (spec: S): O => object(target.get(request(spec))),
  find(spec: S): O | undefined {
    const found = target.find(request(spec));
    return found && object(found);
  },
});
