/**
 * The error object that a CNI plugin prints, and the one place where anything thrown becomes one.
 *
 * CNI SPEC 1.1.0, section 5 "Error" lists the codes; 8 and 999 are the reference library's own
 * (`pkg/types/types.go` of containernetworking/cni).
 */
import { IpamError } from '../ipam/policy/errors.ts';
import type { IpamErrorCode } from '../ipam/policy/errors.ts';
import { cut, formatJson } from './json-text.ts';

export const INCOMPATIBLE_CNI_VERSION = 1;
/** The message must contain the key and the value of the unsupported field. */
export const UNSUPPORTED_FIELD = 2;
/** Tells the runtime that no DEL is needed. */
export const UNKNOWN_CONTAINER = 3;
/** The message must contain the names of the invalid variables. */
export const INVALID_ENVIRONMENT_VARIABLES = 4;
export const IO_FAILURE = 5;
export const DECODING_FAILURE = 6;
export const INVALID_NETWORK_CONFIG = 7;
export const INVALID_NETNS = 8;
export const TRY_AGAIN_LATER = 11;
/** STATUS: ADD cannot be served. */
export const PLUGIN_NOT_AVAILABLE = 50;
/** STATUS: ADD cannot be served, and existing containers may have limited connectivity. */
export const LIMITED_CONNECTIVITY = 51;
export const INTERNAL = 999;

/** What a failed plugin prints: a code, a short message, and optionally a longer explanation. */
export class CniError extends Error {
  override readonly name = 'CniError';
  readonly code: number;
  readonly msg: string;
  readonly details: string;

  constructor(code: number, msg: string, details = '', cause?: unknown) {
    super(details === '' ? msg : `${msg}; ${details}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.msg = msg;
    this.details = details;
  }
}

/** The CNI code for each code of an IPAM error. */
const IPAM_CODES: Readonly<Record<IpamErrorCode, number>> = {
  config: INVALID_NETWORK_CONFIG,
  outside: INVALID_NETWORK_CONFIG,
  exhausted: INTERNAL,
  taken: INTERNAL,
  duplicate: INTERNAL,
  missing: INTERNAL,
  store: IO_FAILURE,
  lock: TRY_AGAIN_LATER,
};

/**
 * Turns anything thrown into the error to report.
 *
 * An `AggregateError` (DEL and GC collect failures and continue) becomes one error that names them
 * all; it keeps their code when it is the same for all.
 */
export function toCniError(thrown: unknown): CniError {
  if (thrown instanceof CniError) return thrown;
  if (thrown instanceof AggregateError && thrown.errors.length > 0) {
    const parts = thrown.errors.map(toCniError);
    const [first] = parts;
    if (parts.length === 1) return first!;
    const code = parts.every((part) => part.code === first!.code) ? first!.code : INTERNAL;
    const msg = [thrown.message, parts.map((part) => part.message).join('; ')];
    return new CniError(code, msg.filter(Boolean).join(': '), '', thrown);
  }
  if (thrown instanceof IpamError) {
    const code =
      thrown.path === 'CNI_ARGS' ? INVALID_ENVIRONMENT_VARIABLES : IPAM_CODES[thrown.code];
    return new CniError(code, thrown.message, thrown.details, thrown);
  }
  const msg = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return new CniError(INTERNAL, msg, '', thrown);
}

/**
 * The largest number of characters in a message. A runtime writes it to its log and to the events
 * of the container.
 */
const MOST = 4096;

/**
 * A text that contains other programs' output, shortened in the middle when it is too long: the
 * cause is often at the end.
 */
export function bounded(text: string): string {
  if (text.length <= MOST) return text;
  const left = text.length - MOST;
  return `${text.slice(0, MOST / 2)}… (${left} characters) …${text.slice(-MOST / 2)}`.toWellFormed();
}

/** Runs `work`; an error gets `prefix` in front of its message, and `code` where one is given. */
export function withPrefix<T>(prefix: string, work: () => T, code?: number): T {
  try {
    return work();
  } catch (thrown) {
    const error = toCniError(thrown);
    throw new CniError(code ?? error.code, prefix + error.msg, error.details, thrown);
  }
}

/** The error object as it goes to stdout; `cniVersion` is left out when it could not be read. */
export function formatError(error: CniError, cniVersion?: string): string {
  return formatJson({
    ...(cniVersion === undefined ? {} : { cniVersion: cut(cniVersion, 64) }),
    code: error.code,
    msg: bounded(error.msg || 'failed without a message'),
    ...(error.details === '' ? {} : { details: bounded(error.details) }),
  });
}
