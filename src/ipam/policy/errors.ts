/**
 * IpamError: what can go wrong between a configuration and a lease.
 *
 * `message` is the text that users of the reference plugins know; `details` adds the path of the
 * key, the owner of an address, or the holder of a lock. Match on `code`, never on text.
 */
import { errnoTextByName } from '../../sys/errno.ts';

/**
 * - `config`: a key, an id or an argument is not acceptable
 * - `exhausted`: no address is left in a range set
 * - `taken`: the requested address is held, excluded or the gateway
 * - `outside`: a requested address lies in no range
 * - `duplicate`: the owner already holds an address of this set
 * - `missing`: CHECK found no lease of the owner
 * - `store`: the data directory cannot be read or written
 * - `lock`: the lock was not free before the deadline
 */
export type IpamErrorCode =
  'config' | 'exhausted' | 'taken' | 'outside' | 'duplicate' | 'missing' | 'store' | 'lock';

/** What an error is about, as far as known. */
export interface IpamSubject {
  /** More than the message says, as one line for people. */
  readonly details?: string;
  /** The configuration key, for example `ipam.ranges[0][1].subnet`. */
  readonly path?: string;
  /** The refused value of that key. */
  readonly value?: unknown;
  readonly address?: string;
  /** The owner that holds the address, as `containerid ifname`. */
  readonly owner?: string;
  readonly rangeSet?: number;
  /** The errno name of a failed file operation, for example `ENOSPC`. */
  readonly errno?: string;
  readonly cause?: unknown;
}

export class IpamError extends Error implements IpamSubject {
  override readonly name = 'IpamError';
  readonly code: IpamErrorCode;
  declare readonly details?: string;
  declare readonly path?: string;
  declare readonly value?: unknown;
  declare readonly address?: string;
  declare readonly owner?: string;
  declare readonly rangeSet?: number;
  declare readonly errno?: string;

  constructor(code: IpamErrorCode, message: string, subject: IpamSubject = {}) {
    const { cause, ...rest } = subject;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    Object.assign(this, rest);
  }
}

/**
 * The error for a wrong configuration value: the message is the reference's, `details` has path and
 * value.
 */
export function configError(message: string, path: string, value: unknown): IpamError {
  return new IpamError('config', message, { path, value, details: `${path}: ${shown(value)}` });
}

/**
 * A value as it is in the document. A number that is not an exact integer comes as `{ number }`,
 * with its text.
 */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  return (JSON.stringify(value) ?? String(value)).replace(/\{"number":"([^"]*)"\}/g, '$1');
}

/** The errno name of a failed `node:fs` call, or undefined for any other value. */
export function errnoOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** A failed file operation as `open /path: no such file or directory`. */
export function storeError(operation: string, path: string, cause: unknown): IpamError {
  if (cause instanceof IpamError) return cause;
  const errno = errnoOf(cause);
  const reason =
    (errno === undefined ? undefined : errnoTextByName(errno)) ??
    (cause instanceof Error ? cause.message : (errno ?? String(cause)));
  const advice =
    errno === 'ELOOP' || errno === 'ENOTDIR'
      ? {
          details: `${path} must be a directory; a symbolic link is followed only for the directory of a network, where its owner alone may write into the data directory`,
        }
      : {};
  return new IpamError('store', `${operation} ${path}: ${reason}`, {
    ...advice,
    cause,
    ...(errno ? { errno } : {}),
  });
}

/** Runs `work`, whose failure is one of the operation on `path`. */
export function withStoreError(operation: string, path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw storeError(operation, path, error);
  }
}
