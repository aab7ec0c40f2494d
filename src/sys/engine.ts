/**
 * The binding in the executables, built on the calls of their host. The build of the executables
 * replaces `runtime.ts` with this file.
 */
import { engineRareFiles } from './engine-files.ts';
import { runProgram } from './engine-run.ts';
import type { Files } from './file-types.ts';
import { checked, filesByCalls, O_CLOEXEC, textOf } from './files-by-calls.ts';
import type { Libc } from './libc-types.ts';
import { fType, nlPid, pollfd, revents, sockaddrNl, statfs } from './layout.ts';
import type { ThisProcess } from './process-types.ts';
import type { WhenReadable } from './readable.ts';
import { FOUND, type RemoveUnchanged, type ScanFiles } from './scan-record.ts';
import './host.ts';

/** The executables have no monitors. */
export const whenReadable: WhenReadable = () => {
  throw new Error('nothing is waited for in the background here');
};

export function openLibc(): Libc {
  return {
    socket: host.socket,
    close: host.close,
    connect: host.connect,
    getsockname: host.getsockname,
    setsockopt: (fd, level, name, value) =>
      host.setsockopt(fd, level, name, new Uint8Array(Int32Array.of(value).buffer)),
    getsockopt: host.getsockopt,
    send: host.send,
    aioWrite(fd, bytes) {
      const number = host.aioWrite(fd, bytes);
      return number < 0 ? undefined : (wait) => host.aioError(number, wait ? 1 : 0);
    },
    aioFsync(fd) {
      const number = host.aioFsync(fd);
      return number < 0 ? undefined : () => -host.aioError(number, 1);
    },
    recvmsg(fd, bytes, length, flags, about) {
      // Only monitors receive messages from other namespaces.
      if (about.length > 1) throw new RangeError('recvmsg: no namespace ids here');
      const address = sockaddrNl();
      const received = host.recvfrom(fd, bytes, length, flags, address);
      about[0] = nlPid(address);
      return received;
    },
    read: host.read,
    write: host.write,
    poll(fd, events, timeout) {
      const fds = pollfd(fd, events);
      const ready = host.poll(new Uint8Array(fds.buffer), timeout);
      return ready > 0 ? revents(fds) : ready;
    },
    setns: host.setns,
    unshare: host.unshare,
    mount: host.mount,
    umount: host.umount,
    flock: host.flock,
    umask: host.umask,
    signalToUmask: (signal) => host.signalToUmask(signal) >= 0,
    interruptAfter: (milliseconds) => void host.interruptAfter(Math.ceil(milliseconds)),
    fstype(path) {
      const buffer = statfs();
      const result = host.statfs(path, new Uint8Array(buffer.buffer));
      return result < 0 ? result : fType(buffer);
    },
  };
}

export const openFiles = (): Files => filesByCalls(host, engineRareFiles());

export const scanFiles: ScanFiles = (path, since, characters, visit) => {
  const fd = checked(host.open(path, host.O_DIRECTORY | O_CLOEXEC, 0), 'scandir', path);
  try {
    const bytes = new Uint8Array(64 * 1024);
    const view = new DataView(bytes.buffer);
    for (;;) {
      const length = checked(host.scan(fd, since, characters, bytes), 'scandir', path);
      if (length === 0) return;
      for (let at = 0; at < length; at += view.getUint32(at + FOUND.length, true)) visit(view, at);
    }
  } finally {
    host.close(fd);
  }
};

export const removeUnchanged: RemoveUnchanged = (path, records) => {
  const fd = checked(host.open(path, host.O_DIRECTORY | O_CLOEXEC, 0), 'open', path);
  try {
    return checked(host.removeUnchanged(fd, records), 'unlink', path);
  } finally {
    host.close(fd);
  }
};

let env: Record<string, string> | undefined;

export const thisProcess: ThisProcess = {
  get pid() {
    return host.getpid();
  },
  get env() {
    return (env ??= environment());
  },
  argv0: host.args[0] ?? '',
  args: host.args.slice(1),
  // The executable may have been started through a link.
  names: () => [host.args[0] ?? '', host.path, linkTarget('/proc/self/exe')],
  exit: host.exit,
  run: (program, args, options) => runProgram(program, args, options, thisProcess.env),
};

/** The target of a symbolic link; undefined when it cannot be read. */
function linkTarget(path: string): string {
  const bytes = new Uint8Array(4096);
  const length = host.readlink(path, bytes, bytes.length);
  return textOf(bytes.subarray(0, Math.max(length, 0)));
}

function environment(): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const text of host.environ) {
    const at = text.indexOf('=');
    const name = text.slice(0, at);
    // Of two entries with the same name, getenv(3) returns the first.
    if (at > 0 && !(name in variables)) variables[name] = text.slice(at + 1);
  }
  return variables;
}
