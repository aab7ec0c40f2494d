/**
 * CNI specification versions: which ones are supported, how two compare, and which command needs
 * which.
 *
 * CNI SPEC 1.1.0, "Released versions" and section 2; the comparison is that of the reference
 * library (`pkg/version` of containernetworking/cni).
 */
import { CniError, DECODING_FAILURE, INCOMPATIBLE_CNI_VERSION } from './errors.ts';

export const SUPPORTED_VERSIONS: readonly string[] = [
  '0.1.0',
  '0.2.0',
  '0.3.0',
  '0.3.1',
  '0.4.0',
  '1.0.0',
  '1.1.0',
];
/** The version in whose shape results are kept inside a plugin. */
export const CURRENT_VERSION = '1.1.0';
/** The version of a configuration without `cniVersion`. */
export const DEFAULT_VERSION = '0.1.0';

/** The first version that has a command; commands not listed are in all versions. */
const INTRODUCED: Readonly<Record<string, string>> = {
  CHECK: '0.4.0',
  GC: '1.1.0',
  STATUS: '1.1.0',
};

export type VersionParts = readonly [major: number, minor: number, micro: number];

/** The numbers of `1.2.3`; missing parts are zero, and an empty version is 0.1.0. */
export function parseVersion(version: string): VersionParts {
  if (version === '') return [0, 1, 0];
  const parts = version.split('.');
  if (parts.length >= 4) {
    throw new CniError(
      DECODING_FAILURE,
      `invalid version ${JSON.stringify(version)}: too many parts`,
    );
  }
  const number = (index: number, name: string): number => {
    const part = parts[index] ?? '0';
    if (/^[+-]?[0-9]{1,15}$/.test(part)) return Number(part);
    const quoted = JSON.stringify(part);
    const reason = `parsing ${quoted}: invalid syntax`;
    throw new CniError(
      DECODING_FAILURE,
      `failed to convert ${name} version part ${quoted}: ${reason}`,
    );
  };
  return [number(0, 'major'), number(1, 'minor'), number(2, 'micro')];
}

/**
 * Negative, zero or positive, when the first version is older than, equal to or newer than the
 * second.
 */
export function compareVersions(a: string, b: string): number {
  const left = parseVersion(a);
  const right = parseVersion(b);
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

export function isAtLeast(version: string, minimum: string): boolean {
  return compareVersions(version, minimum) >= 0;
}

export function isNewerThan(version: string, other: string): boolean {
  return compareVersions(version, other) > 0;
}

/** The supported versions from a given one upwards. */
export function versionsFrom(
  minimum: string,
  supported: readonly string[] = SUPPORTED_VERSIONS,
): readonly string[] {
  return supported.filter((version) => isAtLeast(version, minimum));
}

/**
 * Throws unless a plugin that supports `supported` may run a command with this configuration
 * version.
 */
export function requireVersion(
  command: string,
  version: string,
  supported: readonly string[] = SUPPORTED_VERSIONS,
): void {
  const introduced = INTRODUCED[command];
  if (introduced !== undefined) {
    if (!isAtLeast(version, introduced)) throw doesNotAllow('config', command);
    if (!supported.some((known) => isAtLeast(known, version))) {
      throw doesNotAllow('plugin', command);
    }
  }
  // Compared as text: 1.0 and 1.0.0 are equal as numbers, but only one of them is a released
  // version.
  if (!supported.includes(version)) {
    const known = supported.map((each) => JSON.stringify(each)).join(' ');
    throw new CniError(
      INCOMPATIBLE_CNI_VERSION,
      'incompatible CNI versions',
      `config is ${JSON.stringify(version)}, plugin supports [${known}]`,
    );
  }
}

function doesNotAllow(side: string, command: string): CniError {
  return new CniError(INCOMPATIBLE_CNI_VERSION, `${side} version does not allow ${command}`);
}

/**
 * The answer to VERSION: one line, with exactly the two keys that the reference's readers expect.
 */
export function formatVersionInfo(supported: readonly string[] = SUPPORTED_VERSIONS): string {
  const info = { cniVersion: CURRENT_VERSION, supportedVersions: supported };
  return `${JSON.stringify(info)}\n`;
}
