/**
 * The C library calls that the project needs, as one interface with one implementation for each
 * runtime: `node.ts` uses koffi, `bun.ts` uses `bun:ffi`, `engine.ts` uses the host of the
 * executables.
 *
 * Every call returns a result like a system call: zero or more on success, the negated errno on
 * failure. Turning these numbers into errors with a name and advice is the caller's job.
 */
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
   * aio_write(3): writes in the background, on a thread of the C library; the caller must not
   * change `bytes`. The returned function returns the errno: EINPROGRESS until the write is done,
   * which it waits for with `wait`. Undefined where the C library does not offer this.
   */
  aioWrite(fd: number, bytes: Uint8Array): ((wait: boolean) => number) | undefined;
  /**
   * aio_fsync(3): syncs `fd` in the background, on a thread of the C library; the caller must keep
   * it open. The returned function waits, and returns a result like fsync(2). Undefined where the C
   * library does not offer this.
   */
  aioFsync(fd: number): (() => number) | undefined;
  /**
   * recvmsg(2) of a netlink socket into the first `length` bytes of `bytes`: returns the number of
   * bytes received, or with `MSG_TRUNC` the length of the datagram. `about[0]` is set to the port
   * id of the sender (`nl_pid`; the kernel's is zero). If `about` has two elements, the second is
   * set to the id of the namespace that the message comes from (`NETLINK_LISTEN_ALL_NSID`), or -1
   * where there is none.
   */
  recvmsg(fd: number, bytes: Uint8Array, length: number, flags: number, about: Int32Array): number;
  /** read(2): the number of bytes read, zero at the end. */
  read(fd: number, bytes: Uint8Array, length: number): number;
  /** write(2): the number of bytes written. */
  write(fd: number, bytes: Uint8Array, length: number): number;
  /**
   * poll(2) on one descriptor; `timeout` in milliseconds, -1 to wait forever. Returns zero on
   * timeout, otherwise `revents`.
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
  /** umask(2): sets the file mode mask and returns the previous one. */
  umask(mask: number): number;
  /**
   * signal(2), with umask(2) itself as the handler: from now on the signal only sets the file mode
   * mask to its own number. A function of the C library is the only thing that may safely run at
   * any point of the program and on any thread; signal-safety(7). Returns false and changes nothing
   * for a signal that is ignored, because whoever started the process wants it ignored, nohup(1).
   */
  signalToUmask(signal: number): boolean;
  /**
   * setitimer(2): after `milliseconds`, and repeatedly from then on, SIGALRM interrupts a waiting
   * call of the main thread, which returns -EINTR. Zero stops the timer. An existing handler for
   * SIGALRM is restored at the end.
   */
  interruptAfter(milliseconds: number): void;
  /** statfs(2): the magic number of the file system that holds `path`. */
  fstype(path: string): number;
}
