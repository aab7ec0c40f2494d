/** resolv.conf(5) as the reference reads it: no trailing comments, `search` and `options` accumulate, `domain` does not. */
import { closeSync, openSync, readFileSync } from '../netlink/socket/files.ts';
import { configError, storeError } from './errors.ts';
import { dnsSection, type IpamDns } from './result.ts';

/** The reference reads by lines of at most this many bytes. */
const LONGEST_LINE = 64 * 1024;

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
  let text: string;
  try {
    const fd = openSync(path, 'r');
    try {
      text = readFileSync(fd, 'utf8');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw storeError('open', path, error);
  }
  if (text.split('\n').some((line) => Buffer.byteLength(line) >= LONGEST_LINE)) {
    throw configError('bufio.Scanner: token too long', 'ipam.resolvConf', path);
  }
  return parseResolvConf(text);
}
