import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { addressesOf, eth0, leaseFolder, type LeaseFolder } from './lease-folder.ts';
import { hasReference } from '../../scripts/reference.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/ipam');

interface Case {
  readonly ranges: string[][];
  /** Owners that hold leases. */
  readonly held: readonly { readonly containerId: string; readonly ifname: string }[];
  /** What the next ADD gets. */
  readonly next: string[] | 'exhausted';
}

const cases: Record<string, Case> = {
  'dual-stack': {
    ranges: [['10.1.2.0/24'], ['2001:db8::/64']],
    held: [{ containerId: 'web', ifname: 'eth1' }, eth0('db')],
    next: ['10.1.2.5/24', '2001:db8::5/64'],
  },
  'wrapped-around': {
    ranges: [['10.1.2.0/29']],
    held: ['b', 'd', 'e', 'f'].map(eth0),
    next: ['10.1.2.2/29'],
  },
  'two-ranges': {
    ranges: [['10.1.2.0/30', '10.1.3.0/30']],
    held: [eth0('a')],
    next: ['10.1.3.2/30'],
  },
};

function continued(t: ExecutionContext, maker: string, name: string): LeaseFolder {
  const folder = leaseFolder(t, cases[name]!.ranges);
  cpSync(join(FIXTURES, maker, name), folder.path, { recursive: true });
  return folder;
}

for (const [name, { held, next }] of Object.entries(cases)) {
  for (const maker of ['made-by-reference', 'made-by-ours']) {
    test(`leases: ours goes on from ${maker}/${name}`, (t) => {
      const folder = continued(t, maker, name);
      const ipam = folder.ipam();
      for (const owner of held) {
        t.notThrows(() => ipam.check(owner));
        t.throws(() => ipam.add(owner), { message: /duplicate allocation/ });
      }
      t.deepEqual(addressesOf(ipam.add(eth0('next')).result), next);
      for (const owner of [...held, eth0('next')]) ipam.del(owner);
      t.deepEqual(folder.leases(), {});
      t.deepEqual(folder.reports, []);
    });
  }

  (hasReference() ? test : test.skip)(
    `leases: the reference goes on from made-by-ours/${name}`,
    (t) => {
      const folder = continued(t, 'made-by-ours', name);
      for (const { containerId, ifname } of held) {
        t.is(folder.reference('CHECK', containerId, { ifname }).status, 0);
      }
      t.deepEqual(folder.reference('ADD', 'next').ips, next);
      for (const { containerId, ifname } of [...held, eth0('next')]) {
        folder.reference('DEL', containerId, { ifname });
      }
      t.deepEqual(folder.leases(), {});
    },
  );

  test(`leases: ${name} is byte for byte the same from both`, (t) => {
    const files = (maker: string): Record<string, string> => {
      const path = join(FIXTURES, maker, name);
      return Object.fromEntries(
        readdirSync(path)
          .sort()
          .map((file) => [file, readFileSync(join(path, file), 'latin1')]),
      );
    };
    t.deepEqual(files('made-by-ours'), files('made-by-reference'));
  });
}
