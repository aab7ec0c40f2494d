/** Packets between two containers, to their gateway, and to the world outside. */
import type { Finished } from '../harness/program.ts';
import { check, eventually } from './checks.ts';
import { FAMILIES, GATEWAY, OUTSIDE } from './network.ts';

export interface Container {
  readonly name: string;
  /** Runs a program inside. */
  exec(...command: string[]): Finished | Promise<Finished>;
}

type Addresses = Readonly<Record<(typeof FAMILIES)[number], string>>;

/** The two addresses of an interface. */
export async function addressesOf(container: Container, ifname = 'eth0'): Promise<Addresses> {
  const { stdout, stderr } = await container.exec('ip', 'addr', 'show', 'dev', ifname);
  const [, IPv4 = ''] = /inet ([\d.]+)\//.exec(stdout) ?? [];
  const [, IPv6 = ''] = /inet6 (\S+)\/\d+ scope global/.exec(stdout) ?? [];
  check(`${container.name} has both addresses`, IPv4 !== '' && IPv6 !== '', stdout + stderr);
  return { IPv4, IPv6 };
}

export async function pings(from: Container, whom: string, addresses: Addresses): Promise<void> {
  for (const family of FAMILIES) {
    const flag = family === 'IPv6' ? '-6' : '-4';
    const run = await from.exec('ping', flag, '-c', '1', '-W', '3', addresses[family]);
    check(`${from.name} pings ${whom} over ${family}`, run.code === 0, run.stdout + run.stderr);
  }
}

/** Each pings the other; returns their addresses. */
export async function pingEachOther(
  a: Container,
  b: Container,
  ifname?: string,
): Promise<[Addresses, Addresses]> {
  const addresses: [Addresses, Addresses] = [await addressesOf(a), await addressesOf(b, ifname)];
  await pings(a, b.name, addresses[1]);
  await pings(b, a.name, addresses[0]);
  return addresses;
}

/** Two containers on a bridge with masquerade: every way a packet can go. */
export async function pingAround(a: Container, b: Container, ifname?: string): Promise<Addresses> {
  const [, addresses] = await pingEachOther(a, b, ifname);
  for (const container of [a, b]) {
    await pings(container, 'the gateway', GATEWAY);
    await pings(container, 'outside', OUTSIDE);
  }
  return addresses;
}

/** A web server for a container. */
export const SERVE = [
  'sh',
  '-c',
  'mkdir -p /www; echo hello >/www/index.html; exec httpd -f -p 80 -h /www',
];

/** That the host gets an answer from it; it may have been started just now. */
export async function checkServed(title: string, address: string): Promise<void> {
  let answer = '';
  const isServed = async (): Promise<boolean> => {
    try {
      const response = await fetch(`http://${address}/`, { signal: AbortSignal.timeout(3000) });
      answer = await response.text();
    } catch (error) {
      answer = String((error as Error).cause ?? error);
    }
    return answer === 'hello\n';
  };
  check(title, await eventually(isServed), answer);
}
