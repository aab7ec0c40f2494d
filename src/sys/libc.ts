/**
 * The C library calls that the project needs, as one interface with one file per runtime behind it:
 * `node.ts` over koffi, `bun.ts` over `bun:ffi`, `engine.ts` over the host of the executables.
 *
 * Every call answers like a system call: zero or more on success, the negated errno on failure.
 * Turning numbers into errors with a name and advice is the caller's business.
 */
import { openLibc } from './runtime.ts';

export interface Libc {
  /** socket(2) */
  socket(domain: number, type: number, protocol: number): number;
  /** close(2) */
  close(fd: number): number;
  /** connect(2); `address` is a filled-in `sockaddr`. */
  connect(fd: number, address: Uint8Array): number;
  /** getsockname(2); fills `address` and returns zero. */
  getsockname(fd: number, address: Uint8Array): number;
  /** setsockopt(2) with an `int` value. */
  setsockopt(fd: number, level: number, name: number, value: number): number;
  /** getsockopt(2): fills `value`, whose length the option must have, and returns zero. */
  getsockopt(fd: number, level: number, name: number, value: Uint8Array): number;
  /** send(2): the number of bytes sent. */
  send(fd: number, bytes: Uint8Array, length: number, flags: number): number;
  /**
   * aio_write(3): writes on a thread of the C library while the caller goes on, who keeps `bytes`
   * as they are. The function that is returned tells the errno: EINPROGRESS until it is done.
   * Undefined where the C library cannot be asked for that.
   */
  writeAside(fd: number, bytes: Uint8Array): (() => number) | undefined;
  /**
   * aio_fsync(3): puts `fd` on the disk on a thread of the C library while the caller goes on, who
   * keeps it open. The function that is returned waits, and answers as fsync(2) does. Undefined
   * where the C library cannot be asked for that.
   */
  syncAside(fd: number): (() => number) | undefined;
  /**
   * recvmsg(2) of a netlink socket into the first `length` of `bytes`: the number of bytes
   * received, or in the datagram with `MSG_TRUNC`. `about` gets the port id of the sender
   * (`nl_pid`, zero is the kernel), and where it has room for two also the id of the namespace that
   * the message is of (`NETLINK_LISTEN_ALL_NSID`), -1 where none is told.
   */
  recvmsg(fd: number, bytes: Uint8Array, length: number, flags: number, about: Int32Array): number;
  /** read(2): the number of bytes read, zero at the end. */
  read(fd: number, bytes: Uint8Array, length: number): number;
  /** write(2): the number of bytes written. */
  write(fd: number, bytes: Uint8Array, length: number): number;
  /**
   * poll(2) on one descriptor; `timeout` in milliseconds, -1 for ever. Zero when it ran out, else
   * `revents`.
   */
  poll(fd: number, events: number, timeout: number): number;
  /** setns(2) */
  setns(fd: number, type: number): number;
  /** unshare(2) */
  unshare(flags: number): number;
  /** mount(2), with no data argument. */
  mount(source: string, target: string, type: string, flags: number): number;
  /** umount2(2) */
  umount(target: string, flags: number): number;
  /** flock(2) */
  flock(fd: number, operation: number): number;
  /** umask(2): sets the file mode mask and returns the one before. */
  umask(mask: number): number;
  /**
   * signal(2), with umask(2) itself as the handler: from now on the signal does nothing but set the
   * file mode mask to its own number. A function of the C library is all that may run in the middle
   * of another, on whatever thread; signal-safety(7). False, and nothing is changed, for a signal
   * that is ignored: whoever started the process wants that, nohup(1).
   */
  signalToUmask(signal: number): boolean;
  /**
   * setitimer(2): when `milliseconds` are over, and then again and again, SIGALRM interrupts a
   * waiting call of the main thread, which answers -EINTR. Zero ends that. A handler that somebody
   * else has for SIGALRM is put back at the end.
   */
  interruptAfter(milliseconds: number): void;
  /** statfs(2): the magic number of the file system that holds `path`. */
  fstype(path: string): number;
}

let loaded: Libc | undefined;

/** The C library of this process, opened on first use as the runtime offers it. */
export function libc(): Libc {
  return (loaded ??= openLibc());
}
