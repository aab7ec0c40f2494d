/** Values as a person types them, and what differs between two. */
import { pathText } from './light.ts';
import type { Path } from './dissect.ts';

export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (inside, step) => (inside as Record<string, unknown> | undefined)?.[step],
    value,
  );

/** A copy in which the place has another value. */
export function withValue(value: unknown, path: Path, replacement: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return replacement;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<
    string,
    unknown
  >;
  copy[step] = withValue(copy[step], rest, replacement);
  return copy;
}

const isWords = (value: unknown): value is unknown[] =>
  Array.isArray(value) && value.every((item) => typeof item !== 'object');

/** Text that `parseLike` reads back. */
export function editable(value: unknown): string {
  if (typeof value === 'string') return value;
  if (isWords(value)) return value.join(', ');
  return JSON.stringify(value);
}

/** What was typed, in the form of the value that it replaces. */
export function parseLike(text: string, before: unknown): unknown {
  const number = (word: string): unknown =>
    /^-?(\d+|0x[0-9a-f]+)$/i.test(word) ? Number(word) : word;
  if (isWords(before)) {
    return text
      .split(/[\s,|]+/)
      .filter((word) => word !== '')
      .map(number);
  }
  if (typeof before === 'string') return text;
  if (typeof before === 'number') return number(text.trim());
  return JSON.parse(text);
}

export interface Difference {
  readonly path: string;
  readonly left: string;
  readonly right: string;
}

export function differences(left: unknown, right: unknown, path: Path = []): Difference[] {
  if (JSON.stringify(left) === JSON.stringify(right)) return [];
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !isWords(value);
  if (isObject(left) && isObject(right)) {
    const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
    return keys.flatMap((key) => {
      const step = Array.isArray(left) ? Number(key) : key;
      return differences(left[key], right[key], [...path, step]);
    });
  }
  const text = (value: unknown): string => (value === undefined ? '–' : JSON.stringify(value));
  return [{ path: pathText(path), left: text(left), right: text(right) }];
}

/** TypeScript that encodes the message. */
export function typescript(frame: unknown, protocol: string): string {
  const name = protocol === 'NETLINK_NETFILTER' ? 'nftables' : 'rtnetlink';
  const json = JSON.stringify(frame, null, 2)
    .replaceAll(/^(\s*)"([a-z_]\w*)":/gim, '$1$2:')
    .replaceAll(/"((?:[^"\\']|\\")*)"/g, "'$1'");
  return `import { encode, ${name} } from 'netlink-ts/codec';\n\nconst bytes = encode(${name}, ${json});\n`;
}
