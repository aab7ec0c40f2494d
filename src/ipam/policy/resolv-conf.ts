/**
 * resolv.conf(5) as the reference reads it: no trailing comments, `search` and `options`
 * accumulate, `domain` does not.
 */
import { closeSync, openSync, readSync } from '../../sys/files.ts';
import { configError, storeError } from './errors.ts';
import { dnsSection, type IpamDns } from './result.ts';

/** The reference reads lines of at most this many bytes. */
const LONGEST_LINE = 64 * 1024;
/** The reference has no limit, and would read a device or a pipe for ever. */
const LARGEST_FILE = 1024 * 1024;
const NEWLINE = 10;

export function parseResolvConf(text: string): IpamDns | undefined {
  const nameservers: string[] = [];
  const search: string[] = [];
  const options: string[] = [];
  let domain = '';
  for (const line of text.split('\n')) {
    const [keyword = '', ...values] = line.trim().split(/\s+/);
    const first = values[0];
    if (first === undefined || keyword.startsWith('#') || keyword.startsWith(';')) continue;
    if (keyword === 'nameserver') nameservers.push(first);
    else if (keyword === 'domain') domain = first;
    else if (keyword === 'search') search.push(...values);
    else if (keyword === 'options') options.push(...values);
  }
  return dnsSection({ nameservers, domain, search, options });
}

export function readResolvConf(path: string): IpamDns | undefined {
  let bytes: Uint8Array;
  try {
    const fd = openSync(path, 'r');
    try {
      bytes = readUpTo(fd, LARGEST_FILE + 1);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw storeError('open', path, error);
  }
  let start = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === NEWLINE) start = i + 1;
    else if (i - start + 1 >= LONGEST_LINE) {
      throw configError('bufio.Scanner: token too long', 'ipam.resolvConf', path);
    }
  }
  if (bytes.length > LARGEST_FILE) {
    const message = `ipam.resolvConf: ${path} has more than ${LARGEST_FILE} bytes`;
    throw configError(message, 'ipam.resolvConf', path);
  }
  return parseResolvConf(new TextDecoder().decode(bytes));
}

/** The content of a file, but at most `room` bytes of it. */
function readUpTo(fd: number, room: number): Uint8Array {
  const bytes = new Uint8Array(room);
  let length = 0;
  for (;;) {
    const count = readSync(fd, bytes, length, room - length, null);
    length += count;
    if (count === 0 || length === room) return bytes.subarray(0, length);
  }
}
