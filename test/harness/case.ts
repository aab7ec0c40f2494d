/**
 * A runtime case: something that must hold on Node and on Bun alike. AVA does not start under Bun,
 * so cases are plain data in `test/runtime/*.ts` (`export const cases: RuntimeCase[]`) that
 * `test/kernel/netlink/runtime.test.ts` runs on Node and `bun-runner.ts` on Bun. They assert with
 * `node:assert`.
 */
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Feature } from './features.ts';
import type { Teardown } from './namespace.ts';

export interface RuntimeCase {
  readonly title: string;
  readonly needs?: readonly Feature[];
  run(t: Teardown): void | Promise<void>;
}

const FOLDER = resolve(import.meta.dirname, '../runtime');

/** The cases of all files in `test/runtime`, in the order of the file names. */
export async function loadCases(): Promise<RuntimeCase[]> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));
  const loaded: RuntimeCase[] = [];
  for (const name of files.sort()) {
    const module = (await import(pathToFileURL(resolve(FOLDER, name)).href)) as {
      cases?: readonly RuntimeCase[];
    };
    if (module.cases === undefined) throw new Error(`test/runtime/${name} exports no cases`);
    loaded.push(...module.cases);
  }
  return loaded;
}
