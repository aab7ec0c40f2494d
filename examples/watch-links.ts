/**
 * Tells which links come and go, and stops after a second. A lost message is told too, and made up
 * for.
 */
import { open } from '../src/index.ts';

using rt = open();
const events = rt.monitor({ links: true }, { signal: AbortSignal.timeout(1000), resync: true });
setTimeout(() => rt.links.add({ ifname: 'news0', kind: 'dummy' }), 100);
setTimeout(() => rt.links.delete('news0'), 200);

for await (const event of events) {
  if (event.type === 'links') console.log(event.action, event.value.index, event.value.ifname);
  if (event.type === 'lost') console.log('some were missed; what differs comes next');
}
