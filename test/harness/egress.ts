/**
 * A host that forwards for two containers, and an outside host that sees which addresses their
 * packets come from.
 */
import { closeSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressBytes, formatIpv4, formatIpv6 } from '../../src/ip.ts';
import { libc } from '../../src/sys/libc.ts';
import { eventually } from './eventually.ts';
import { freshNamespace, type Namespace, type Teardown } from './namespace.ts';
import { execPlugin, type PluginCall, type PluginOutput } from './plugin.ts';
import { SYSTEM_PATH } from './program.ts';

export const FAMILIES = ['ip', 'ip6'] as const;
export type Family = (typeof FAMILIES)[number];

/** Addresses of one family: of the containers' network, and of the network outside. */
export const WORLD = {
  ip: {
    net: '10.88.0.0/16',
    gateway: '10.88.0.1',
    c1: '10.88.0.2',
    c2: '10.88.0.3',
    /** The host's address outside, and one that an administrator may choose instead. */
    host: '198.51.100.1',
    snat: '198.51.100.77',
    outside: '198.51.100.2',
    /** Behind `outside`, where an administrator may want to see the containers' own addresses. */
    private: '10.200.0.5',
    privateNet: '10.200.0.0/24',
    elsewhere: '172.17.0.0/16',
  },
  ip6: {
    net: 'fd88::/64',
    gateway: 'fd88::1',
    c1: 'fd88::2',
    c2: 'fd88::3',
    host: '2001:db8:ff::1',
    snat: '2001:db8:ff::77',
    outside: '2001:db8:ff::2',
    private: 'fd20::5',
    privateNet: 'fd20::/64',
    elsewhere: 'fd17::/64',
  },
} as const;

export type ContainerId = 'c1' | 'c2';

export interface Egress {
  readonly host: Namespace;
  /** Attaches a container, with `ipMasq`, or takes it away. */
  call(command: PluginCall['command'], id: ContainerId, keys?: object): PluginOutput;
  /** A shell on the host; `iptables` is the one that plugins find. */
  sh(script: string): string;
  /**
   * The source address of a packet of the container as its destination sees it; undefined when none
   * arrives. It belongs to a connection of its own, unless its source port is given.
   */
  source(
    id: ContainerId,
    family: Family,
    to: 'outside' | 'private',
    from?: number,
  ): string | undefined;
}

/** `iptables` over nf_tables, or the kernel's legacy iptables. */
export type Tools = 'nft' | 'legacy';

export function egress(t: Teardown, binary: string, tools: Tools): Egress {
  const host = freshNamespace(t);
  const outside = freshNamespace(t);
  const containers = { c1: freshNamespace(t), c2: freshNamespace(t) };
  const path = `${toolFolder(t, tools)}:${SYSTEM_PATH}`;
  const dataDir = mkdtempSync(join(tmpdir(), 'leases-'));
  t.teardown(() => rmSync(dataDir, { recursive: true }));
  const sh = (ns: Namespace, script: string): string =>
    ns.exec('sh', '-ec', `PATH=${path}\n${script}`);
  const { ip, ip6 } = WORLD;
  const ipBatch = (ns: Namespace, lines: string): void => {
    sh(ns, `ip -batch - <<'END'\n${lines}\nEND`);
  };
  sh(
    host,
    `
    echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
    echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding`,
  );
  // The second address of the host is deprecated, so that the kernel does not choose it by itself.
  ipBatch(
    host,
    `link set lo up
link add out0 type veth peer name out0 netns ${outside.name}
link set out0 up
addr add ${ip.host}/24 dev out0
addr add ${ip.snat}/24 dev out0
addr add ${ip6.host}/64 dev out0 nodad
addr add ${ip6.snat}/64 dev out0 nodad preferred_lft 0
route add ${ip.privateNet} via ${ip.outside}
route add ${ip6.privateNet} via ${ip6.outside}`,
  );
  ipBatch(
    outside,
    `link set out0 up
addr add ${ip.outside}/24 dev out0
addr add ${ip.private}/32 dev out0
addr add ${ip6.outside}/64 dev out0 nodad
addr add ${ip6.private}/128 dev out0 nodad
route add default via ${ip.host}
route add default via ${ip6.host}`,
  );
  return {
    host,
    call(command, id, keys = {}) {
      const ranges = FAMILIES.map((family) => [{ subnet: WORLD[family].net }]);
      const routes = [{ dst: '0.0.0.0/0' }, { dst: '::/0' }];
      const network = {
        cniVersion: '1.0.0',
        name: 'net1',
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: true,
        ipam: { type: 'host-local', dataDir, ranges, routes },
        ...keys,
      };
      const { path: netns } = containers[id];
      const call = { command, containerId: id, ifname: 'eth0', netns, env: { PATH: path } };
      return host.run(() => execPlugin(binary, call, network));
    },
    sh: (script) => sh(host, script),
    source(id, family, to, from) {
      const seen = outside.run(() => listen(family));
      // A port of its own for each packet: the kernel chooses the address once for a connection.
      const port = from ?? nextPort++;
      try {
        const target = WORLD[family][to];
        if (from === undefined) containers[id].run(() => sendTo(family, target, port));
        else containers[id].exec('python3', '-c', SEND, target, String(from));
        return eventually(
          () => seen.sourceOf(port),
          (source) => source !== undefined,
          ARRIVAL,
        );
      } finally {
        seen.close();
      }
    },
  };
}

/** The folder in which plugins find the programs. */
function toolFolder(t: Teardown, tools: Tools): string {
  const folder = mkdtempSync(join(tmpdir(), 'tools-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const name of ['iptables', 'ip6tables']) {
    for (const ending of ['', '-save', '-restore']) {
      symlinkSync(`/usr/sbin/xtables-${tools}-multi`, join(folder, `${name}${ending}`));
    }
  }
  return folder;
}

let nextPort = 1;
/** Milliseconds in which a packet arrives, with the discovery of two neighbours. */
const ARRIVAL = 10_000;

/* packet(7), ip(7), ipv6(7), udp(7). */
const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const UDP = 17;
const LAYOUT = {
  ip: { af: 2, sockaddr: 16, address: 4, etherType: 0x0800, protocol: 9, source: 12, header: 20 },
  ip6: { af: 10, sockaddr: 28, address: 8, etherType: 0x86dd, protocol: 6, source: 8, header: 40 },
} as const;

/** Sends one datagram over UDP from a port to the same port. */
const SEND = `import socket, sys
target, port = sys.argv[1], int(sys.argv[2])
s = socket.socket(socket.AF_INET6 if ':' in target else socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', port))
s.sendto(b'.', (target, port))`;

/** Sends one datagram over UDP from the namespace that the thread is in. */
function sendTo(family: Family, target: string, port: number): void {
  const c = libc();
  const { af, sockaddr, address } = LAYOUT[family];
  const to = new Uint8Array(sockaddr);
  const view = new DataView(to.buffer);
  view.setUint16(0, af, true);
  view.setUint16(2, port);
  to.set(addressBytes(target), address);
  const fd = check('socket', c.socket(af, SOCK_DGRAM, 0));
  try {
    check(`connect to ${target}`, c.connect(fd, to));
    check(`send to ${target}`, c.send(fd, new Uint8Array(1), 1, 0));
  } finally {
    closeSync(fd);
  }
}

/** Receives the datagrams that arrive in the namespace from now on. */
function listen(family: Family) {
  const c = libc();
  const { etherType, protocol, source, header } = LAYOUT[family];
  const inNetworkOrder = ((etherType & 0xff) << 8) | (etherType >> 8);
  const fd = check('socket', c.socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, inNetworkOrder));
  const text = family === 'ip' ? formatIpv4 : formatIpv6;
  return {
    sourceOf(port: number): string | undefined {
      const packet = new Uint8Array(2048);
      const view = new DataView(packet.buffer);
      while (c.read(fd, packet, packet.length) > 0) {
        if (packet[protocol] !== UDP || view.getUint16(header + 2) !== port) continue;
        return text(view, source);
      }
      return undefined;
    },
    close: () => closeSync(fd),
  };
}

function check(call: string, result: number): number {
  if (result < 0) throw new Error(`${call}: errno ${-result}`);
  return result;
}
