/**
 * Sticky addresses: a key remembers the address that it had in each range set, and gets it back
 * when it is free.
 *
 * The key is a template over the owner and CNI_ARGS, for example
 * `{K8S_POD_NAMESPACE}/{K8S_POD_NAME}`. One small file for each key and set in our own state: the
 * address, a newline, the key.
 */
import { lstatSync } from '../../sys/files.ts';
import { hashOf } from '../../sys/scan.ts';
import { formatAddress, parseAddress, type Address } from '../../ip.ts';
import { directoryNames, ownDirectory } from './lease-directory.ts';
import { readShort, removeFile, writeMark } from './lease-file.ts';
import type { Owner } from '../policy/owner.ts';

/** GC forgets keys that were not used for this long, in milliseconds: 30 days. */
const REMEMBERED = 30 * 24 * 3_600_000;

const folderOf = (state: string): string => `${state}/sticky`;

const fileOf = (state: string, key: string, set: number): string =>
  `${folderOf(state)}/${hexOf(key)}${hexOf(`+${key}`)}.${set}`;

const hexOf = (text: string): string => hashOf(text).toString(16).padStart(8, '0');

/** The key of this ADD; undefined where a value of the template is missing. */
export function stickyKey(
  template: string,
  owner: Owner,
  cniArgs: Readonly<Record<string, string | undefined>> = {},
): string | undefined {
  const own: Record<string, string> = { containerID: owner.containerId, ifname: owner.ifname };
  let isComplete = true;
  const key = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = own[name] ?? cniArgs[name];
    if (!value) isComplete = false;
    return value ?? '';
  });
  return isComplete ? key : undefined;
}

export function recall(state: string, key: string, set: number): Address | undefined {
  try {
    const [address = '', ...rest] = (readShort(fileOf(state, key, set)) ?? '').split('\n');
    return rest.join('\n') === key ? parseAddress(address) : undefined;
  } catch {
    return undefined;
  }
}

export function remember(state: string, key: string, set: number, address: Address): void {
  ownDirectory(folderOf(state));
  const file = fileOf(state, key, set);
  writeMark(file, `${formatAddress(address)}\n${key}`, `${state}/sticky.new`);
}

/** Removes keys that were not used for a long time. */
export function forgetUnused(state: string): void {
  const folder = folderOf(state);
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  for (const name of directoryNames(folder)) {
    const usedAt = lstatSync(`${folder}/${name}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - usedAt > REMEMBERED) removeFile(`${folder}/${name}`);
  }
}
