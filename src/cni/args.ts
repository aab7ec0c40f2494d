/**
 * CNI_ARGS: `K=V` pairs separated by semicolons, each plugin knows a few of the keys.
 *
 * CNI SPEC 1.1.0, section 2 "Parameters"; the rules are those of the reference library
 * (`pkg/types/args.go`). Keys are case-sensitive, unlike those of the configuration.
 */
import { CniError, INVALID_ENVIRONMENT_VARIABLES } from './errors.ts';

/** A parser for the value of each known key; it throws an `Error` that says what is wrong. */
export type ArgParsers = Readonly<Record<string, (text: string) => unknown>>;
export type Args<P extends ArgParsers> = { readonly [K in keyof P]?: ReturnType<P[K]> };

/**
 * Reads the pairs from left to right. A key that is not in `parsers` is an error, unless
 * `IgnoreUnknown` is true anywhere in the text.
 */
export function parseArgs<P extends ArgParsers>(text: string, parsers: P): Args<P> {
  const args: Record<string, unknown> = {};
  const unknown: string[] = [];
  let ignoreUnknown = false;
  for (const pair of text === '' ? [] : text.split(';')) {
    const [key, value, ...rest] = pair.split('=');
    if (key === undefined || value === undefined || rest.length > 0) {
      throw invalidArgs(`invalid pair ${JSON.stringify(pair)}`);
    }
    const parse = key === 'IgnoreUnknown' ? parseBoolean : parserOf(parsers, key);
    if (parse === undefined) {
      unknown.push(pair);
      continue;
    }
    try {
      if (key === 'IgnoreUnknown') ignoreUnknown = parseBoolean(value);
      else args[key] = parse(value);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw invalidArgs(`error parsing value of pair ${JSON.stringify(pair)}: ${reason}`);
    }
  }
  if (unknown.length > 0 && !ignoreUnknown) {
    const pairs = unknown.map((pair) => JSON.stringify(pair)).join(' ');
    throw invalidArgs(`unknown args [${pairs}]`);
  }
  return args as Args<P>;
}

function parserOf(parsers: ArgParsers, key: string): ((text: string) => unknown) | undefined {
  return Object.keys(parsers).includes(key) ? parsers[key] : undefined;
}

/** True for `1` and `true`, false for `0` and `false`, in any letter case. */
export function parseBoolean(text: string): boolean {
  switch (text.toLowerCase()) {
    case '1':
    case 'true':
      return true;
    case '0':
    case 'false':
      return false;
  }
  const msg = `boolean unmarshal error: invalid input ${text}`;
  throw new CniError(INVALID_ENVIRONMENT_VARIABLES, msg);
}

/** The message names the variable, as the specification asks for this code. */
function invalidArgs(reason: string): CniError {
  return new CniError(INVALID_ENVIRONMENT_VARIABLES, `CNI_ARGS: ${reason}`);
}
