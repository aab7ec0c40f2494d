/**
 * Makes and removes veth pairs in the namespace it is started in, as fast as it can, until it is
 * killed. Argument: how many at once.
 */
import { open } from '../../src/rtnl/open.ts';

const pairs = Number(process.argv[2]);
using rt = open();
console.log('ready');
for (let round = 0; ; round++) {
  rt.batch((b) => {
    for (let i = 0; i < pairs; i++) {
      const peer = { ifname: `b${round}-${i}` };
      b.links.add({ ifname: `a${round}-${i}`, kind: 'veth', data: { peer } });
    }
  });
  rt.batch((b) => {
    for (let i = 0; i < pairs; i++) b.links.delete(`a${round}-${i}`);
  });
}
