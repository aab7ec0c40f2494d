/** Destroys the connections of an address that is gone, so that their owners need not wait. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { openDiag } from '../src/diag/index.ts';
import { open } from '../src/rtnl/index.ts';

const address = '192.0.2.1';
using rt = open();
rt.links.up('lo');
rt.addrs.add({ dev: 'lo', local: `${address}/32` });
const server = createServer((socket) => socket.on('error', () => {})).listen(8080, address);
await once(server, 'listening');
const client = connect(8080, address);
await once(client, 'connect');
rt.addrs.delete({ dev: 'lo', local: `${address}/32` });

using diag = openDiag();
const failed = once(client, 'error');
// Those of the client: the server closes when it hears of it.
console.log('destroyed:', diag.sockets.flush({ kind: 'tcp', src: address, dport: 8080 }));
const [error] = (await failed) as [NodeJS.ErrnoException];
console.log('client:', error.code);
server.close();
process.exit();
