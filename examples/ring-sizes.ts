/** Makes the rings of each card as large as they can be, and says what they were. */
import { openEthtool } from '../src/ethtool/index.ts';

using eth = openEthtool();
const cards = eth.rings.list();
for (const { dev, rx = 0, rxMax = 0, tx = 0, txMax = 0 } of cards) {
  eth.rings.set(dev, { rx: rxMax, tx: txMax });
  console.log(`${dev}: rx ${rx} → ${rxMax}, tx ${tx} → ${txMax}`);
}
if (cards.length === 0) console.log('no link has rings');
