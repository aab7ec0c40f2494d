/** Connections of TCP by what they have sent, from the `tcp_info` of each. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { openDiag } from '../src/diag/index.ts';
import { open } from '../src/rtnl/index.ts';

using rt = open();
rt.links.up('lo');
const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
await once(server, 'listening');
const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
await once(client, 'connect');
client.write(Buffer.alloc(100_000));

using diag = openDiag();
for (;;) {
  const talkers = diag.sockets
    .list({ kind: 'tcp', states: ['established'], show: ['info', 'cong'] })
    .sort((a, b) => Number((b.info?.bytesAcked ?? 0n) - (a.info?.bytesAcked ?? 0n)));
  const { src, sport, info, cong } = talkers[0]!;
  // The first byte that is acknowledged is the SYN. `bytesSent` counts what is sent again, too.
  const sent = (info?.bytesAcked ?? 1n) - 1n;
  if (sent === 100_000n) {
    console.log(`${src}:${sport} sent ${sent} bytes, rtt ${info!.rtt} µs, ${cong}`);
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 10));
}
client.destroy();
server.close();
