/**
 * The second half of record-netdevsim.sh: asks with our verbs for what devlink(8) has shown, and
 * prints that and the datagrams.
 */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { openDevlink } from '../src/devlink/open.ts';
import { toHex } from '../src/netlink/codec/bytes.ts';
import { ASKED } from '../test/devlink/asked.ts';

const lines = readFileSync(0, 'utf8').trim().split('\n');
const shown = Object.fromEntries(
  lines.map((line) => {
    const [command, json] = line.split('\t');
    return [command!, JSON.parse(json!) as unknown];
  }),
);
using dl = openDevlink();
const exchanges: [request: string, answers: string[]][] = [];
const { socket } = dl;
const { send, receive } = socket;
socket.send = (bytes, length = bytes.length) => {
  exchanges.push([toHex(bytes.subarray(0, length)), []]);
  return send(bytes, length);
};
socket.receive = (deadline) => {
  const datagram = receive(deadline);
  exchanges.at(-1)?.[1].push(toHex(datagram));
  return datagram;
};
for (const command of Object.keys(shown)) ASKED[command]!(dl);
const head = { kernel: release(), program: process.argv[2], family: dl.family.id };
console.log(JSON.stringify({ ...head, shown, exchanges }, null, 2));
