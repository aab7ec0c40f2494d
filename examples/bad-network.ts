/** Delays what one end of a pair sends by 20 ms and loses a hundredth, then takes it back. */
import { open } from '../src/index.ts';
import { openTc } from '../src/tc/index.ts';

using rt = open();
rt.links.add({ ifname: 'here', kind: 'veth', data: { peer: { ifname: 'there' } } });

using tc = openTc();
const options = { latency: 20_000, loss: 0.01, limit: 1000 };
tc.qdiscs.add({ dev: 'here', kind: 'netem', options });
const found = tc.qdiscs.get({ dev: 'here' });
if (found.kind === 'netem') {
  const { latency = 0, loss = 0 } = found.options ?? {};
  console.log(`${found.kind}: ${latency} µs, ${Math.round(loss * 100)} %`);
}
tc.qdiscs.delete({ dev: 'here' });
