/**
 * A process that sends to others what looks like the kernel's, in the namespaces that it was
 * started in: to group 1 and, for each line `PORT SEQ` of its input, to that port. Prints how it
 * went: `unicast ERRNO multicast ERRNO`. With the argument `flood` it goes on and on instead.
 */
import { createInterface } from 'node:readline';
import { forgedAnswers, forgedLink, openForger, unreadableLink } from '../harness/forge.ts';

const forger = openForger();
const errno = (results: readonly number[]): number => Math.max(0, ...results.map((each) => -each));

if (process.argv.includes('flood')) {
  process.stdout.write('ready\n');
  for (;;) {
    forger.multicast(1, forgedLink(0));
    forger.multicast(1, unreadableLink(0));
  }
}
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [port, seq] = line.split(' ').map(Number) as [number, number];
  const results = { unicast: [] as number[], multicast: [] as number[] };
  for (let next = seq; next < seq + 8; next++) {
    for (const bytes of forgedAnswers(next)) {
      results.unicast.push(forger.unicast(port, bytes));
      results.multicast.push(forger.multicast(1, bytes));
    }
  }
  const { unicast, multicast } = results;
  process.stdout.write(`unicast ${errno(unicast)} multicast ${errno(multicast)}\n`);
}
