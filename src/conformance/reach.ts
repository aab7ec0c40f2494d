/** Whether one namespace reaches another by TCP, tried by two processes of this runtime. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { inNamespace, type Namespace } from '../netlink/namespace.ts';

const PORT = 4711;
/** Milliseconds for a connection: neighbour discovery, and a slow kernel. */
const PATIENCE = 60_000;

const SERVER = `
require('node:net').createServer((s) => s.end('here')).listen(${PORT}, process.argv[1], () => console.log('up'));
setTimeout(() => process.exit(1), ${2 * PATIENCE});`;

/** Refusals before the ports of a bridge forward are no answer yet. */
const CLIENT = `
const net = require('node:net');
const end = Date.now() + ${PATIENCE};
const attempt = () => {
  const s = net.connect({ port: ${PORT}, host: process.argv[1], timeout: 3000 });
  const again = (why) => {
    s.destroy();
    if (Date.now() < end) return setTimeout(attempt, 50);
    console.log(why);
    process.exit(1);
  };
  s.once('data', () => process.exit(0));
  s.once('error', (e) => again(e.code)).once('timeout', () => again('ETIMEDOUT'));
};
attempt();`;

/** Undefined if it does, otherwise the reason. */
export async function reaches(
  from: Namespace,
  to: Namespace,
  address: string,
): Promise<string | undefined> {
  const start = (netns: Namespace, code: string) =>
    inNamespace(netns, () =>
      spawn(process.execPath, ['-e', code, address], { stdio: ['ignore', 'pipe', 'ignore'] }),
    );
  const server = start(to, SERVER);
  try {
    const up = await Promise.race([once(server.stdout, 'data'), once(server, 'exit')]);
    if (typeof up[0] === 'number') return 'the address cannot be used in its container';
    const client = start(from, CLIENT);
    let why = '';
    client.stdout.setEncoding('utf8').on('data', (text: string) => void (why += text));
    const [code] = (await once(client, 'close')) as [number | null];
    return code === 0 ? undefined : why.trim();
  } finally {
    server.kill('SIGKILL');
  }
}
