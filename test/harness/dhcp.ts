/**
 * DHCP around a plugin: a server, the reference's daemon that keeps the leases, and the messages
 * that both send.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { libc } from '../../src/sys/libc.ts';
import type { Namespace, Teardown } from './namespace.ts';
import { SYSTEM_PATH } from './program.ts';

/** Starts a program in a namespace that runs until the test is over. */
function start(t: Teardown, where: Namespace, command: string, ...args: string[]): ChildProcess {
  const child = where.run(() =>
    spawn(command, args, { stdio: 'ignore', env: { PATH: SYSTEM_PATH } }),
  );
  t.teardown(() => void child.kill('SIGKILL'));
  return child;
}

function scratch(t: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), 'dhcp-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function appears(path: string): Promise<void> {
  while (!existsSync(path)) await setTimeout(20);
}

/** A server for 10.88.0.100 to 10.88.0.199, on a link that has 10.88.0.1/24. */
export async function dhcpServer(
  t: Teardown,
  where: Namespace,
  dev: string,
): Promise<ChildProcess> {
  const folder = scratch(t);
  const options = join(folder, 'udhcpd.conf');
  writeFileSync(
    options,
    `interface ${dev}
start 10.88.0.100
end 10.88.0.199
lease_file ${join(folder, 'leases')}
pidfile ${join(folder, 'pid')}
option router 10.88.0.1
option subnet 255.255.255.0
`,
  );
  writeFileSync(join(folder, 'leases'), '');
  const server = start(t, where, 'busybox', 'udhcpd', '-f', options);
  await appears(join(folder, 'pid'));
  return server;
}

/**
 * The daemon of the reference's `dhcp`; its socket's path goes into the configuration as
 * `daemonSocketPath`.
 */
export async function dhcpDaemon(
  t: Teardown,
  host: Namespace,
  binary: string,
  ...options: readonly string[]
): Promise<string> {
  const socket = join(scratch(t), 'dhcp.sock');
  start(t, host, binary, 'daemon', '-socketpath', socket, ...options);
  await appears(socket);
  return socket;
}

/** DHCPRELEASE, RFC 2132 section 9.6. */
export const DHCPRELEASE = 7;

/** One message of a client to a server. */
export interface DhcpMessage {
  readonly type: number;
  /** `ciaddr`: the address that the client has. */
  readonly client: string;
}

/**
 * Receives the messages of clients in a namespace; the returned function returns those that have
 * arrived since its last call. packet(7).
 */
export function dhcpRequests(t: Teardown, where: Namespace): () => DhcpMessage[] {
  const [AF_PACKET, SOCK_DGRAM, SOCK_NONBLOCK] = [17, 2, 0o4000];
  /** In network order, on little-endian processors. */
  const ETH_P_IP = 0x0008;
  const c = libc();
  const fd = where.run(() => c.socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, ETH_P_IP));
  if (fd < 0) throw new Error(`socket: errno ${-fd}`);
  let open = true;
  const heard = (): DhcpMessage[] => {
    const messages: DhcpMessage[] = [];
    const bytes = new Uint8Array(2048);
    for (;;) {
      const length = open ? c.read(fd, bytes, bytes.length) : -1;
      if (length < 0) return messages;
      const message = dhcpMessage(bytes.subarray(0, length));
      if (message !== undefined) messages.push(message);
    }
  };
  t.teardown(() => {
    open = false;
    closeSync(fd);
  });
  return heard;
}

/** IPv4, UDP to port 67, BOOTP with DHCP's options after the cookie: RFC 791, RFC 768, RFC 2131. */
function dhcpMessage(ip: Uint8Array): DhcpMessage | undefined {
  const udp = (ip[0]! & 15) * 4;
  if (ip[9] !== 17 || ip[udp + 2] !== 0 || ip[udp + 3] !== 67) return undefined;
  const bootp = ip.subarray(udp + 8);
  for (let at = 240; at < bootp.length && bootp[at] !== 255;) {
    const [code, length] = [bootp[at], bootp[at + 1]!];
    if (code === 53) return { type: bootp[at + 2]!, client: bootp.subarray(12, 16).join('.') };
    at += code === 0 ? 1 : 2 + length;
  }
  return undefined;
}
