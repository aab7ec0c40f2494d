/**
 * Expressions: the instructions that a rule consists of. The name selects the attributes of the
 * data; the data of an expression that is not declared here is kept as bytes.
 *
 * include/uapi/linux/netfilter/nf_tables.h, `enum nft_expr_attributes`; `nft --debug=netlink`
 * prints them.
 */
import { attr, attrs, type UnknownAttrs } from '../../netlink/codec/attributes.ts';
import { byKind, kinds } from '../../netlink/codec/by-kind.ts';
import {
  be32,
  be64,
  cstr,
  type BigInput,
  type Codec,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf, type Word } from '../../netlink/codec/enums.ts';
import { list } from '../../netlink/codec/list.ts';
import { lazy } from '../../netlink/codec/nested.ts';
import { register } from './data.ts';
import * as conntrack from './expr-conntrack.ts';
import * as match from './expr-match.ts';
import * as nat from './expr-nat.ts';
import * as statements from './expr-statements.ts';

/** Adds an element to a set from the packet path: `add @seen { ip saddr timeout 1m counter }`. */
export interface Dynset extends UnknownAttrs {
  setName?: string;
  setId?: number;
  op?: Word<'add' | 'update' | 'delete'>;
  sregKey?: number;
  sregData?: number;
  timeout?: bigint;
  expr?: Expression;
  flags?: readonly Word<'invert' | 'expr'>[];
  expressions?: Expression[];
}
export interface DynsetInput extends Omit<
  Dynset,
  'timeout' | 'expr' | 'expressions' | keyof UnknownAttrs
> {
  timeout?: BigInput;
  expr?: ExpressionInput;
  expressions?: readonly ExpressionInput[];
}

const dynset = attrs({
  setName: attr('NFTA_DYNSET_SET_NAME', 1, cstr, 'set to change'),
  setId: attr('NFTA_DYNSET_SET_ID', 2, be32, 'the set, by its number in the transaction'),
  op: attr('NFTA_DYNSET_OP', 3, enumOf(be32, { add: 0, update: 1, delete: 2 }), 'operation'),
  sregKey: attr('NFTA_DYNSET_SREG_KEY', 4, register, 'register with the key'),
  sregData: attr('NFTA_DYNSET_SREG_DATA', 5, register, 'register with the value of a map'),
  timeout: attr('NFTA_DYNSET_TIMEOUT', 6, be64, 'lifetime of the element in milliseconds'),
  expr: attr(
    'NFTA_DYNSET_EXPR',
    7,
    lazy('expression', () => expression),
    'expression of the element',
  ),
  flags: attr('NFTA_DYNSET_FLAGS', 9, flagsOf(be32, { invert: 1, expr: 2 }), 'options'),
  expressions: attr(
    'NFTA_DYNSET_EXPRESSIONS',
    10,
    lazy('list of expressions', () => expressions),
    'expressions of the element',
  ),
}) as unknown as Codec<Dynset, DynsetInput>;

/** Evaluates an expression on an encapsulated packet: `vxlan ip saddr`. */
export interface InnerExpression extends UnknownAttrs {
  num?: number;
  type?: Word<'vxlan' | 'geneve' | 'gre' | 'gretap'>;
  flags?: readonly Word<'hdrsize' | 'link' | 'network' | 'transport'>[];
  hdrsize?: number;
  expr?: Expression;
}
export interface InnerExpressionInput extends Omit<InnerExpression, 'expr' | keyof UnknownAttrs> {
  expr?: ExpressionInput;
}

/** The kernel has names for the first two types only; the others are nft's. */
const inner = attrs({
  num: attr('NFTA_INNER_NUM', 1, be32, 'nesting of the header; only 0 is possible'),
  type: attr(
    'NFTA_INNER_TYPE',
    2,
    enumOf(be32, { vxlan: 1, geneve: 2, gre: 3, gretap: 4 }),
    'type of tunnel',
  ),
  flags: attr(
    'NFTA_INNER_FLAGS',
    3,
    flagsOf(be32, { hdrsize: 1, link: 2, network: 4, transport: 8 }),
    'inner headers to look for; hdrsize: the size of the tunnel header is given',
  ),
  hdrsize: attr('NFTA_INNER_HDRSIZE', 4, be32, 'bytes of the tunnel header'),
  expr: attr(
    'NFTA_INNER_EXPR',
    5,
    lazy('expression', () => expression),
    'expression to evaluate: meta or payload',
  ),
}) as unknown as Codec<InnerExpression, InnerExpressionInput>;

const expr = {
  meta: match.meta,
  payload: match.payload,
  exthdr: match.exthdr,
  cmp: match.cmp,
  range: match.range,
  bitwise: match.bitwise,
  byteorder: match.byteorder,
  immediate: match.immediate,
  lookup: match.lookup,
  rt: conntrack.rt,
  socket: conntrack.socket,
  ct: conntrack.ct,
  fib: conntrack.fib,
  numgen: conntrack.numgen,
  hash: conntrack.hash,
  xfrm: conntrack.xfrm,
  tunnel: conntrack.tunnel,
  osf: conntrack.osf,
  masq: nat.masq,
  nat: nat.nat,
  redir: nat.redir,
  tproxy: nat.tproxy,
  dup: nat.dup,
  fwd: nat.fwd,
  counter: statements.counter,
  quota: statements.quota,
  limit: statements.limit,
  connlimit: statements.connlimit,
  last: statements.last,
  log: statements.log,
  reject: statements.reject,
  queue: statements.queue,
  notrack: statements.notrack,
  synproxy: statements.synproxy,
  flow_offload: statements.flowOffload,
  objref: statements.objref,
  match: statements.xtMatch,
  target: statements.xtTarget,
  dynset,
  inner,
} as const;

/** Attribute sets by expression name; `expressionKinds.register` adds one. */
export const expressionKinds = kinds('expression', expr);

export const nftaExpr = attrs({
  name: attr('NFTA_EXPR_NAME', 1, cstr, 'name of the expression'),
  data: attr('NFTA_EXPR_DATA', 2, byKind('name', expressionKinds), 'its attributes'),
});

type ExpressionName = keyof typeof expr;

/**
 * An expression by its name. Interfaces, because the compiler shows their names in errors about a
 * rule.
 */
export interface ExpressionOf<K extends ExpressionName> extends UnknownAttrs {
  name: K;
  data?: Static<(typeof expr)[K]>;
}
export interface ExpressionOfInput<K extends ExpressionName> {
  name: K;
  data?: Input<(typeof expr)[K]> | undefined;
}

type Known = { [K in ExpressionName]: ExpressionOf<K> }[ExpressionName];
type KnownIn = { [K in ExpressionName]: ExpressionOfInput<K> }[ExpressionName];

/** The data of an undeclared name is under `nla2`. */
export type Expression = Known | ({ name: string & {}; data?: unknown } & UnknownAttrs);
/** An expression whose data is declared; `expr.name` determines its type. */
export type KnownExpression = Known;
export type ExpressionInput = KnownIn | { name: string & {}; nla2?: Uint8Array | string };

export const isKnown = (expression: Expression): expression is KnownExpression =>
  Object.hasOwn(expr, expression.name);

/** One expression. */
export const expression = nftaExpr as unknown as Codec<Expression, ExpressionInput>;
/**
 * An ordered list of expressions. Programs and the kernel set different bits in the element types.
 */
export const expressions: Codec<Expression[], readonly ExpressionInput[]> = list(
  'NFTA_LIST_ELEM',
  expression,
  { id: 1, loose: true },
);
