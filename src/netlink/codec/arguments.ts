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
  return Array.isArray(value) ? 'array' : typeof value;
};

function check(operation: string, { name, optional, kinds }: Parameter, value: unknown): void {
  if (value === undefined && optional) return;
  const kind = kindOf(value);
  if (!kinds.includes(kind) && !kinds.includes('unknown')) {
    throw new CodecError(`${operation}: ${name} must be ${kinds.join(' or ')}, not ${kind}`);
  }
}

/** Throws CodecError for the first argument of `operation` that does not match the signature. */
export function checkArguments(
  operation: string,
  signature: Signature,
  args: readonly unknown[],
): void {
  for (const [i, parameter] of parse(signature).entries()) {
    if (parameter.rest) for (const value of args.slice(i)) check(operation, parameter, value);
    else check(operation, parameter, args[i]);
  }
}

/** Wraps each function in a check of its arguments. `of` names the group in errors: `links`. */
export function checked<V extends object>(
  of: string,
  functions: V,
  signatures: { readonly [K in keyof V]: Signature },
): V {
  const own = { ...functions } as Record<string, (...args: unknown[]) => unknown>;
  for (const [name, signature] of Object.entries<string>(signatures)) {
    const act = own[name]!;
    own[name] = (...args) => {
      checkArguments(`${of}.${name}`, signature, args);
      return act(...args);
    };
  }
  return own as V;
}
