/**
 * CNI specification versions: which ones we speak, how two compare, and which command needs which.
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
/** What a configuration without `cniVersion` means. */
export const DEFAULT_VERSION = '0.1.0';

/** The first version that has a command; commands not listed are in all versions. */
const INTRODUCED: Readonly<Record<string, string>> = {
  CHECK: '0.4.0',
  GC: '1.1.0',
  STATUS: '1.1.0',
};

export type VersionParts = readonly [major: number, minor: number, micro: number];

/** The numbers of `1.2.3`; parts left out are zero, and no version at all is 0.1.0. */
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

/** Negative, zero or positive, as the first version is older, equal or newer. */
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

/** The versions we speak, from a given one upwards. */
export function versionsFrom(
  minimum: string,
  supported: readonly string[] = SUPPORTED_VERSIONS,
): readonly string[] {
  return supported.filter((version) => isAtLeast(version, minimum));
}

/**
 * Throws unless a command may be run with this configuration version by a plugin that speaks
 * `supported`.
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
  // By text: 1.0 and 1.0.0 are equal numbers, but only one of them is a released version.
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

/** The answer to VERSION: one line, and the reference's readers expect exactly these two keys. */
export function formatVersionInfo(supported: readonly string[] = SUPPORTED_VERSIONS): string {
  const info = { cniVersion: CURRENT_VERSION, supportedVersions: supported };
  return `${JSON.stringify(info)}\n`;
}
