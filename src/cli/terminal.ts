/**
 * The terminal or pipe that the tool runs on. Output is synchronous, so that nothing accumulates
 * for a slow reader.
 */
import { readFileSync, writeSync } from 'node:fs';
import { isatty, WriteStream } from 'node:tty';
import { printableProse } from '../printable.ts';
import type { Output } from './command.ts';

/** https://no-color.org: any value of NO_COLOR except the empty one. */
const colours = (): boolean =>
  isatty(1) && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';

export const terminal = (): Output => ({
  write: (text) => put(1, text),
  note: (text) => put(2, text.split('\n').map(printableProse).join('\n')),
  colours: colours(),
  width: isatty(1) ? new WriteStream(1).columns : undefined,
  readInput: () => readFileSync(0),
});

function put(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The reader has closed the pipe: `netlink-ts dump routes | head`.
      if (code === 'EPIPE') process.exit(0);
      if (code !== 'EAGAIN') {
        if (fd === 1) put(2, `netlink-ts: standard output cannot be written: ${code}\n`);
        process.exit(1);
      }
      // Another process made the pipe non-blocking, and it is full.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
