/**
 * Checks the arguments of public functions: a wrong type is one error that names the argument,
 * before anything is done.
 */
import { CodecError } from '../../errors.ts';

/**
 * In TypeScript's notation: `'dev: string | number, spec?: object'`; the last may be
 * `...names: string`.
 */
export type Signature = string;

interface Parameter {
  readonly name: string;
  readonly optional: boolean;
  readonly rest: boolean;
  readonly kinds: readonly string[];
}

const parse = (signature: Signature): Parameter[] =>
  signature.split(',').flatMap((text) => {
    const [, dots, name, mark, kinds] = /^\s*(\.\.\.)?(\w+)(\??): (.*)$/.exec(text) ?? [];
    if (name === undefined) return [];
    return [{ name, optional: mark === '?', rest: dots !== undefined, kinds: kinds!.split(' | ') }];
  });

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  try {
    if (Array.isArray(value)) return 'array';
  } catch {
    return 'revoked proxy';
  }
  return value instanceof Uint8Array ? 'Uint8Array' : typeof value;
};

/** What is wrong with a value; undefined if nothing is. */
function problem({ name, optional, kinds }: Parameter, value: unknown): string | undefined {
  if (value === undefined && optional) return undefined;
  const kind = kindOf(value);
  if (kinds.includes(kind) || kinds.includes('unknown')) return undefined;
  return `${name} must be ${kinds.join(' or ')}, not ${kind}`;
}

/** The error for a refused argument. */
type Refusal = (message: string, options?: ErrorOptions) => Error;
const codecError: Refusal = (message, options) => new CodecError(message, options);

function checkAll(
  operation: string,
  parameters: readonly Parameter[],
  args: readonly unknown[],
  refusal: Refusal,
): void {
  for (const [i, parameter] of parameters.entries()) {
    const values = parameter.rest ? args.slice(i) : [args[i]];
    for (const value of values) {
      const wrong = problem(parameter, value);
      if (wrong !== undefined) throw refusal(`${operation}: ${wrong}`);
    }
  }
}

/** Throws CodecError for the first argument of `operation` that does not match the signature. */
export const checkArguments = (
  operation: string,
  signature: Signature,
  args: readonly unknown[],
): void => checkAll(operation, parse(signature), args, codecError);

/**
 * Makes a function check its arguments first. A wrong type deeper inside an argument makes whatever
 * reads it fail with a TypeError; that becomes the same error, unless a callback may have thrown
 * it. Layers without netlink have a `refusal` of their own.
 *
 * Bundlers are told that wrapping does nothing, so that they leave out unused functions.
 */
/* @__NO_SIDE_EFFECTS__ */
export function checkedFunction<F extends (...args: any[]) => unknown>(
  operation: string,
  signature: Signature,
  act: F,
  refusal: Refusal = codecError,
): F {
  let parameters: readonly Parameter[] | undefined;
  const checkedAct = (...args: unknown[]): unknown => {
    checkAll(operation, (parameters ??= parse(signature)), args, refusal);
    try {
      return act(...args);
    } catch (error) {
      const calls = parameters.some(({ kinds }) => kinds.includes('function'));
      if (calls || !(error instanceof TypeError)) throw error;
      const names = parameters.map(({ name }) => name).join(' or ');
      throw refusal(`${operation}: ${names} has a value of the wrong type`, { cause: error });
    }
  };
  return checkedAct as F;
}

/** Wraps each function in a check of its arguments. `of` names the group in errors: `links`. */
/* @__NO_SIDE_EFFECTS__ */
export function checked<V extends object>(
  of: string,
  functions: V,
  signatures: { readonly [K in keyof V]: Signature },
  refusal: Refusal = codecError,
): V {
  const own = { ...functions } as Record<string, (...args: unknown[]) => unknown>;
  for (const [name, signature] of Object.entries<string>(signatures)) {
    own[name] = checkedFunction(`${of}.${name}`, signature, own[name]!, refusal);
  }
  return own as V;
}
