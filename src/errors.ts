/**
 * The errors of this library. Match on `code`, never on text or with `instanceof`: a bundle may
 * contain its own copy of the classes.
 */
import { errnoName, errnoText } from './sys/errno.ts';
import { printableProse } from './printable.ts';

/**
 * Bytes that cannot be decoded, or a value that cannot be encoded.
 *
 * `RTM_NEWADDR/IFA_CACHEINFO: 12 bytes, 16 needed`. The path is built while unwinding: each set
 * adds its segment.
 */
export class CodecError extends Error {
  override readonly name = 'CodecError';
  readonly code = 'ERR_NETLINK_CODEC';
  /** From the message down to the attribute, in kernel names. */
  readonly path: string[] = [];
  readonly #reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(printableProse(reason), options);
    this.#reason = this.message;
  }

  /** Prepends a segment to the path. */
  within(segment: string): this {
    this.path.unshift(segment);
    this.message = `${this.path.join('/')}: ${this.#reason}`;
    return this;
  }
}

/** Called in a `catch`: adds `segment` to the path of a codec error and rethrows it. */
export function rethrowWithin(error: unknown, segment: string): never {
  // A DataView throws a RangeError at its end, which is a codec error like any other.
  if (error instanceof RangeError) throw new CodecError('ends too early').within(segment);
  if (error instanceof CodecError) throw error.within(segment);
  throw error;
}

/**
 * Use of something that has been closed. Nothing was done, because its descriptor may have been
 * reused by now.
 */
export class ClosedError extends Error {
  override readonly name = 'ClosedError';
  readonly code = 'ERR_NETLINK_CLOSED';

  constructor(what: 'batch' | 'connection' | 'network namespace' | 'lock' | 'lease session') {
    super(`the ${what} is closed`);
  }
}

/** For code that does something before, or without, talking to the kernel. */
export function mustBeOpen({ socket }: { readonly socket: { readonly closed: boolean } }): void {
  if (typeof socket?.closed !== 'boolean') throw new CodecError('this is not a connection');
  if (socket.closed) throw new ClosedError('connection');
}

/** The kernel's extended acknowledgement of a refusal, `NLMSGERR_ATTR_*`. */
export interface ExtendedAck {
  /** The kernel's error message. */
  readonly text?: string | undefined;
  /** The offending attribute, as a path in kernel names. */
  readonly attribute?: string | undefined;
  /** The policy of that attribute, in words: `u32 0..4094`. */
  readonly policy?: string | undefined;
  /** The missing attribute, as a path. */
  readonly missing?: string | undefined;
}

/** What a `NetlinkError` has besides its message. */
type Refused = Pick<
  NetlinkError,
  'code' | 'errno' | 'operation' | 'subject' | 'ack' | 'index' | 'attempts'
>;

/**
 * A system call or a request that the kernel refused. `netlinkError` makes one from an errno.
 *
 * `RTM_NEWLINK "eth0": EINVAL at IFLA_LINKINFO/IFLA_INFO_DATA/IFLA_IPVLAN_MODE: "Invalid mode"`.
 */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  /** The name of the errno: `EEXIST`. */
  readonly code: string;
  readonly errno: number;
  /** The message type (`RTM_NEWLINK`) or the system call (`setns`). */
  readonly operation: string;
  /** The object concerned: an interface name, an address, a path. */
  readonly subject: string | undefined;
  readonly ack: ExtendedAck;
  /** The offending or missing attribute, as a path in kernel names. */
  readonly attribute: string | undefined;
  /** In a batch: the position of the failed message. */
  readonly index: number | undefined;
  /** The number of times a dump was tried before giving up. */
  readonly attempts: number | undefined;

  // Names and texts of errnos are not here: a bundle that only asks `instanceof` has none of them.
  constructor(message: string, { code, errno, operation, subject, ack, index, attempts }: Refused) {
    super(message);
    this.code = code;
    this.errno = errno;
    this.operation = operation;
    this.subject = subject;
    this.ack = ack;
    this.attribute = ack.attribute ?? ack.missing;
    this.index = index;
    this.attempts = attempts;
  }
}

/**
 * The error for an errno, with a message that gives operation, subject, reason and advice.
 *
 * @throws CodecError for arguments of the wrong type
 *
 * @example socket.deliver(netlinkError(105, 'recv'));
 */
export function netlinkError(
  errno: number,
  operation: string,
  details: {
    subject?: string | undefined;
    ack?: ExtendedAck;
    advice?: string | undefined;
    index?: number | undefined;
    attempts?: number | undefined;
  } = {},
): NetlinkError {
  const isMeant = typeof errno === 'number' && typeof operation === 'string';
  if (!isMeant || typeof details !== 'object' || details === null) {
    throw new CodecError('netlinkError: errno must be number, operation string, details object');
  }
  const { subject, ack = {}, index, attempts } = details;
  const advice = details.advice ?? usualReason(errno, operation, ack);
  const text = sentence(errno, operation, subject, ack);
  const code = errnoName(errno);
  return new NetlinkError(advice === undefined ? text : `${text} (${advice})`, {
    code,
    errno,
    operation,
    subject,
    ack,
    index,
    attempts,
  });
}

function sentence(
  errno: number,
  operation: string,
  subject: string | undefined,
  ack: ExtendedAck,
): string {
  let text = operation;
  if (subject !== undefined) text += ` "${subject}"`;
  text += `: ${errnoName(errno)}`;
  if (ack.attribute !== undefined) text += ` at ${ack.attribute}`;
  text += `: ${ack.text === undefined ? errnoText(errno) : `"${ack.text}"`}`;
  if (ack.missing !== undefined) text += `, ${ack.missing} is missing`;
  if (ack.policy !== undefined) text += `, accepted is ${ack.policy}`;
  // Names and the error messages of kernel modules are untrusted text.
  return printableProse(text);
}

/** System calls that need another privilege than CAP_NET_ADMIN, capabilities(7). */
const PRIVILEGES: Readonly<Record<string, string>> = {
  mount: 'needs CAP_SYS_ADMIN in the user namespace of this mount namespace',
  umount2: 'needs CAP_SYS_ADMIN in the user namespace of this mount namespace',
  umount: 'needs CAP_SYS_ADMIN in the user namespace of this mount namespace',
  unshare: 'needs CAP_SYS_ADMIN',
  setns: 'needs CAP_SYS_ADMIN, here and in the user namespace that owns the network namespace',
  open: 'this user may not open the file',
};

/**
 * Requests and socket options are not listed by name: a message type is in capitals, with an
 * underscore.
 */
const privilegeOf = (operation: string): string | undefined =>
  PRIVILEGES[operation.split(' ')[0]!] ??
  (/^[A-Z\d]+_|^(?:socket|bind|setsockopt|sendto|send)\b/.test(operation)
    ? 'needs CAP_NET_ADMIN in the network namespace'
    : undefined);

/** What an errno usually means, if the kernel's text alone is puzzling. */
function usualReason(errno: number, operation: string, { text }: ExtendedAck): string | undefined {
  switch (errnoName(errno)) {
    case 'EPERM':
      return privilegeOf(operation);
    case 'EOPNOTSUPP':
      if (text !== undefined) return undefined;
      return 'the kernel lacks this feature or its module, or cannot change what exists in this way';
    case 'ENOBUFS':
      return 'messages were lost because the receive buffer was full';
    default:
      return undefined;
  }
}
