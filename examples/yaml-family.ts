/**
 * A family by its specification in YAML, without a declaration: which links have a carrier. The
 * kernel's sources have specifications of many families, in Documentation/netlink/specs.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ynl } from '../src/ynl/index.ts';

const path = process.argv[2] ?? resolve(import.meta.dirname, 'yaml-family.yaml');

using ethtool = ynl(readFileSync(path, 'utf8'));
console.log('operations:', Object.keys(ethtool.family.operations).join());
for (const { header, link } of ethtool.dump('linkstate-get')) {
  const { devName } = header as { devName: string };
  console.log(devName, link === 1 ? 'has a carrier' : 'has no carrier');
}
// Keys, operations and values that the specification does not have are errors with a path.
try {
  ethtool.do('linkstate-get', { header: { devName: 5 } });
} catch (error) {
  console.log((error as Error).message);
}
