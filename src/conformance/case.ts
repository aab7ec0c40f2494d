/**
 * What a case of the conformance suite is: a sentence about a plugin, where it is demanded, and a
 * way to find out whether it is true.
 */
import type { Kind, Profile } from './profiles.ts';
import type { Stage } from './stage.ts';

/**
 * How strictly it is demanded: `must` and `should` are the specification's words (RFC 2119), `good`
 * is what this project's documents promise beyond them.
 */
export type Level = 'must' | 'should' | 'good';
export const LEVELS: readonly Level[] = ['must', 'should', 'good'];

export interface Case {
  /** Short and stable, for reports that are compared. */
  readonly name: string;
  /** A plain sentence with the plugin as its subject. */
  readonly says: string;
  readonly level: Level;
  /** A section of the CNI specification 1.1.0, or a document. */
  readonly source: string;
  /** The first version of the specification that it makes sense for. */
  readonly since?: string;
  /** The kinds of plugins that it is about; `any` is all. */
  readonly of: Kind | 'any' | readonly Kind[];
  /** Only these plugins, by name. */
  readonly plugins?: readonly string[];
  /** What the kernel, or the folder of plugins, must have; see `missing.ts`. */
  readonly needs?: readonly Need[];
  /** Throws Unmet with the reason if the sentence is not true. */
  run(stage: Stage): void | Promise<void>;
}

export type Need = 'host-local' | 'nf_tables' | 'ipv6' | 'sh';

/** The plugin did not do what the case demands. */
export class Unmet extends Error {
  override readonly name = 'Unmet';
}

/** @throws Unmet with `otherwise` unless the condition holds */
export function demand(condition: unknown, otherwise: string | (() => string)): asserts condition {
  if (condition) return;
  throw new Unmet(typeof otherwise === 'string' ? otherwise : otherwise());
}

/** Whether a case is about a plugin at all. */
export function concerns({ of, plugins }: Case, { name, kind }: Profile): boolean {
  if (plugins !== undefined && !plugins.includes(name)) return false;
  return of === 'any' || of === kind || (typeof of === 'object' && of.includes(kind));
}
