/**
 * Makes the corpus of `npm run bench:codec`: the dumps of links, addresses and routes of a
 * namespace with 40 bridges and 40 veth pairs, one message after the other, gzipped, in base64. Run
 * it in Debian's kernel. That of user-mode Linux puts an empty attribute before many 64-bit values,
 * which no kernel for amd64 or arm64 does (`nla_need_padding_for_64bit`, include/net/netlink.h):
 *
 *     npm run qemu -- node_modules/.bin/node bench/codec/capture.ts |
 *       base64 -d > fixtures/corpus/dumps.gz
 */
import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { deadlineIn } from '../../src/sys/deadline.ts';
import { NETLINK_ROUTE, NLMSG_DONE } from '../../src/netlink/constants.ts';
import { viewOf } from '../../src/netlink/codec/bytes.ts';
import { encode, frames } from '../../src/netlink/codec/frame.ts';
import { openSocket } from '../../src/netlink/socket.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';

const PAIRS = 40;

const commands: string[] = [];
for (let i = 1; i <= PAIRS; i++) {
  commands.push(
    `link add br${i} up type bridge vlan_filtering ${i % 2}`,
    `link add veth${i} type veth peer name peer${i}`,
    `link set veth${i} master br${i} up`,
    `link set peer${i} up`,
    `addr add 10.${i}.0.1/24 brd + dev br${i}`,
    `addr add 2001:db8:${i}::1/64 dev br${i} nodad`,
    `route add 10.200.${i}.0/24 via 10.${i}.0.2 dev br${i} metric ${100 + i}`,
    `route add 10.201.${i}.0/24 via 10.${i}.0.2 dev br${i} mtu 1400 proto static`,
    `route add 2001:db8:f${i}::/64 via 2001:db8:${i}::2 dev br${i}`,
  );
}
const made = spawnSync('ip', ['-batch', '-'], { input: commands.join('\n'), encoding: 'utf8' });
if (made.status !== 0) throw new Error(`ip -batch: ${made.stderr}`);

const socket = openSocket(NETLINK_ROUTE);
const parts: Uint8Array[] = [];
for (const type of ['RTM_GETLINK', 'RTM_GETADDR', 'RTM_GETROUTE']) {
  const flags = ['NLM_F_REQUEST', 'NLM_F_DUMP'];
  socket.send(encode(rtnetlink, { type, flags, seq: 1, pid: 0, payload: { attrs: {} } }));
  for (let done = false; !done;) {
    const datagram = socket.receive(deadlineIn(5000));
    for (const { header, at, end } of frames(viewOf(datagram))) {
      if (header.type === NLMSG_DONE) done = true;
      else parts.push(datagram.slice(at, end));
    }
  }
}
socket.close();
console.log(gzipSync(Buffer.concat(parts)).toString('base64'));
