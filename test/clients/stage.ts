/**
 * What a client finds in its sandbox: plugins in the folders where it looks for them, a scratch
 * folder, a place for leases.
 */
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { program } from '../harness/program.ts';
import { check } from './checks.ts';

export const WHOSE = ['ours', 'reference'] as const;
export type Whose = (typeof WHOSE)[number];

const OURS = resolve(import.meta.dirname, '../../dist/cni/bin');
const REFERENCE = '/usr/lib/cni';

export interface Stage {
  readonly whose: Whose;
  /** Empty, and removed afterwards. */
  readonly folder: string;
  /**
   * Where plugins are looked for: ours before Debian's, which brings `portmap`, `firewall` and
   * `tuning`.
   */
  readonly plugins: readonly string[];
  /** The configured `dataDir` of host-local. */
  readonly leases: string;
  /** A new folder inside `folder`. */
  makeFolder(name: string): string;
}

export function makeStage(whose: Whose, folder: string): Stage {
  const makeFolder = (name: string): string => {
    const path = join(folder, name);
    mkdirSync(path);
    return path;
  };
  const plugins = whose === 'ours' ? [OURS, REFERENCE] : [REFERENCE];
  return { whose, folder, plugins, leases: makeFolder('leases'), makeFolder };
}

/** All plugins in one folder, for a client that looks into no other. */
export function onePluginFolder(stage: Stage): string {
  const merged = stage.makeFolder('plugins');
  const paths = new Map(
    stage.plugins
      .toReversed()
      .flatMap((from) => readdirSync(from).map((name) => [name, join(from, name)])),
  );
  for (const [name, path] of paths) symlinkSync(path!, join(merged, name!));
  return merged;
}

/**
 * That the link of an attachment was made by the plugins that should have: ours say in its alias
 * whose it is.
 */
export function checkWhoAttached(stage: Stage, links: string): void {
  const isOurs = /\balias clients\/\S+\/\w+/.test(links);
  check('the plugins in question made the link', isOurs === (stage.whose === 'ours'), links);
}

/** The same, by the host's ends of all pairs. */
export const checkWhoMadePairs = (stage: Stage): void =>
  checkWhoAttached(stage, program('ip', 'link', 'show', 'type', 'veth').stdout);
