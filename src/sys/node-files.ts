/** Files on Node: `node:fs`. */
import type { Files } from './file-types.ts';

type Call = (...args: unknown[]) => unknown;

/**
 * Functions are looked up at each call, so that replacing one in `node:fs` also replaces it here.
 */
export function nodeFiles(): Files {
  const fs = process.getBuiltinModule('node:fs') as unknown as Record<string, Call>;
  const names = Object.keys(fs).filter((name) => name.endsWith('Sync'));
  const calls = names.map((name) => [name, (...args: unknown[]) => fs[name]!(...args)]);
  return Object.assign(Object.fromEntries(calls), { constants: fs['constants'] }) as Files;
}
