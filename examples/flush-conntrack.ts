/** Forgets the tracked connections of an address, which its next holder must not inherit. */
import { openConntrack, type TupleSpec } from '../src/conntrack/index.ts';

using conntrack = openConntrack();
const { connections } = conntrack;
const query = (src: string): TupleSpec => ({
  src,
  dst: '203.0.113.9',
  protonum: 'udp',
  sport: 5000,
  dport: 53,
});
for (const src of ['192.0.2.1', '192.0.2.2']) connections.add({ orig: query(src), timeout: 30 });

const old = { orig: { src: '192.0.2.1' } };
for (const { orig } of connections.list(old)) {
  console.log(orig.protonum, `${orig.src}:${orig.sport}`, `${orig.dst}:${orig.dport}`);
}
console.log(`flushed: ${connections.flush(old)}, left: ${connections.list().length}`);
