/** Expectations in the terms of conntrack(8): the flat objects, and the verbs. */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Connection, Request } from '../../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.ts';
import {
  tupleFamily,
  tupleMessage,
  tupleObject,
  type TupleObject,
  type TupleSpec,
} from '../connection/tuple.ts';
import * as c from '../constants.ts';
import { expectation, type Expectation, type ExpectationInput } from './message.ts';

type Attrs = Expectation['attrs'];
type AttrsInput = NonNullable<ExpectationInput['attrs']>;
type Tuples = 'master' | 'tuple' | 'mask';

/** A connection that is expected. */
export interface ExpectationObject extends Omit<Attrs, Tuples> {
  readonly family: Expectation['family'];
  readonly master: TupleObject;
  readonly tuple: TupleObject;
  /** The mask of `tuple`. */
  readonly mask: TupleObject;
}
export interface ExpectationSpec extends Omit<AttrsInput, Tuples> {
  readonly master: TupleSpec;
  readonly tuple: TupleSpec;
  readonly mask: TupleSpec;
}

export const expectationObject = ({ family, attrs }: Expectation): ExpectationObject => {
  const { master = {}, tuple = {}, mask = {}, ...rest } = attrs;
  return {
    family,
    master: tupleObject(master),
    tuple: tupleObject(tuple),
    mask: tupleObject(mask),
    ...rest,
  };
};

type ExpectationRequest = Request<Expectation, ExpectationInput>;

/**
 * Expects a connection. The kernel requires a connection `master` with a helper.
 *
 * @throws CodecError for a `spec` of the wrong type
 */
export const addExpectation = checkedFunction(
  'addExpectation',
  'spec: object',
  ({ master, tuple, mask, ...rest }: ExpectationSpec): ExpectationRequest => ({
    message: expectation,
    type: c.IPCTNL_MSG_EXP_NEW,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    value: {
      family: tupleFamily(tuple),
      attrs: {
        timeout: 300,
        ...rest,
        master: tupleMessage(master),
        tuple: tupleMessage(tuple),
        mask: tupleMessage(mask),
      },
    },
  }),
);

/**
 * Deletes an expectation by the connection that is expected. ENOENT if it does not exist.
 *
 * @throws CodecError for a `tuple` of the wrong type; NetlinkError ENOENT if it does not exist,
 *   when it is sent
 */
export const deleteExpectation = checkedFunction(
  'deleteExpectation',
  'tuple: object',
  (tuple: TupleSpec): ExpectationRequest => ({
    message: expectation,
    type: c.IPCTNL_MSG_EXP_DELETE,
    value: { family: tupleFamily(tuple), attrs: { tuple: tupleMessage(tuple) } },
  }),
);

/**
 * Lists expectations, of one family or of both.
 *
 * @throws CodecError for a `family` that is not text
 */
export const listExpectations = checkedFunction(
  'listExpectations',
  'family?: string',
  (family?: 'inet' | 'inet6'): ExpectationRequest => ({
    message: expectation,
    type: c.IPCTNL_MSG_EXP_GET,
    value: { family },
  }),
);

/** Deletes all expectations of the namespace. */
export const flushExpectations = (): ExpectationRequest => ({
  message: expectation,
  type: c.IPCTNL_MSG_EXP_DELETE,
  value: {},
});

export interface ExpectationVerbs {
  list(family?: 'inet' | 'inet6'): ExpectationObject[];
  /** Expects a connection. The kernel requires a connection `master` with a helper. */
  add(spec: ExpectationSpec): void;
  /** Deletes an expectation by the connection that is expected. ENOENT if it does not exist. */
  delete(tuple: TupleSpec): void;
  /** Deletes all expectations. */
  flush(): void;
}

export const expectationVerbs = (connection: Connection): ExpectationVerbs => ({
  list: (family) => connection.list(listExpectations(family), { as: expectationObject }),
  add: (spec) => void connection.request(addExpectation(spec)),
  delete: (tuple) => void connection.request(deleteExpectation(tuple)),
  flush: () => void connection.request(flushExpectations()),
});
