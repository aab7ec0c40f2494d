/** Specifications in YAML that the tests have themselves. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const SPECS = resolve(import.meta.dirname, '../ynl/specs');

export type SpecName = 'controller' | 'links' | 'shed';

export const specPath = (name: SpecName): string => resolve(SPECS, `${name}.yaml`);
export const specText = (name: SpecName): string => readFileSync(specPath(name), 'utf8');
