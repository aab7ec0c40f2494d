/** Lists all addresses with the names of their interfaces, like `ip -brief address`. */
import { open } from '../src/index.ts';

using rt = open();
for (const { index, ifname, operstate } of rt.links.list()) {
  const addresses = rt.addrs.list({ index }).map(({ local }) => local);
  console.log(ifname, operstate, ...addresses);
}
