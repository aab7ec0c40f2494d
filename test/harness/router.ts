/** A router in a namespace of its own, whose advertisements have whatever a test wants. */
import { freshNamespace, type Namespace, type Teardown } from './namespace.ts';

/**
 * Sends a router advertisement with the options of the first argument, in hexadecimal. The kernel
 * computes the checksum; the hop limit has to be 255.
 */
const ADVERTISE = `
import socket, struct, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
index = socket.if_nametoindex('router0')
s.bind(('fe80::1', 0, 0, index))
head = struct.pack('>BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0)
s.sendto(head + bytes.fromhex(sys.argv[1]), ('ff02::1', 0, 0, index))
`;

export interface Router {
  /** The host, whose interface to the router is `e0`. */
  readonly host: Namespace;
  /** Sends an advertisement with these options, in hexadecimal. */
  advertise(options: string): void;
}

/** A host and a router, connected. The host accepts advertisements. */
export function hostWithRouter(t: Teardown): Router {
  const [host, router] = [freshNamespace(t), freshNamespace(t)];
  const pair = 'link add e0 type veth peer name router0 netns';
  host.exec('ip', ...pair.split(' '), router.name);
  for (const [where, name] of [
    [host, 'e0'],
    [router, 'router0'],
  ] as const) {
    // No address of the kernel's own, which it would have to probe first.
    where.exec('ip', 'link', 'set', name, 'addrgenmode', 'none');
    where.exec('ip', 'link', 'set', name, 'up');
  }
  host.exec('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/e0/accept_ra');
  host.exec('sh', '-c', 'echo 0 > /proc/sys/net/ipv6/conf/e0/forwarding');
  router.exec('ip', 'addr', 'add', 'fe80::1/64', 'dev', 'router0', 'nodad');
  return {
    host,
    advertise: (options) => void router.exec('python3', '-c', ADVERTISE, options),
  };
}
