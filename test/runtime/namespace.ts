/** Namespaces as the harness makes them: every other kernel test stands on this. */
import assert from 'node:assert/strict';
import { existsSync, readlinkSync } from 'node:fs';
import type { RuntimeCase } from '../harness/case.ts';
import { createNamespace, freshNamespace } from '../harness/namespace.ts';

const here = (): string => readlinkSync('/proc/self/ns/net');

export const cases: RuntimeCase[] = [
  {
    title: 'namespace: a function and the programs it starts run inside, and the thread comes back',
    run(t) {
      const ns = freshNamespace(t);
      const before = here();
      const inside = ns.run(here);
      assert.notEqual(inside, before);
      assert.equal(ns.exec('readlink', '/proc/self/ns/net').trim(), inside);
      assert.equal(here(), before);
    },
  },
  {
    title: 'namespace: an error thrown inside does not keep the thread there',
    run(t) {
      const before = here();
      assert.throws(() =>
        freshNamespace(t).run(() => {
          throw new Error('inside');
        }),
      );
      assert.equal(here(), before);
    },
  },
  {
    title: 'namespace: a fresh one holds nothing but a loopback that is down',
    run(t) {
      const [lo, ...others] = freshNamespace(t).ip('link');
      assert.equal(lo?.['ifname'], 'lo');
      assert.deepEqual(lo['flags'], ['LOOPBACK']);
      assert.deepEqual(others, []);
    },
  },
  {
    title: 'namespace: removing it takes its name away, also twice',
    run() {
      const ns = createNamespace();
      assert.ok(existsSync(ns.path));
      ns.remove();
      ns.remove();
      assert.ok(!existsSync(ns.path));
    },
  },
  {
    title: 'namespace: bridge and nft answer in JSON',
    needs: ['bridge', 'nftables-bridge'],
    run(t) {
      const ns = freshNamespace(t);
      ns.ip('link', 'add', 'br0', 'type', 'bridge');
      assert.equal(ns.ip('link', 'show', 'br0')[0]?.['ifname'], 'br0');
      assert.deepEqual(ns.bridge('link'), []);
      ns.nft('add', 'table', 'bridge', 'filter');
      assert.ok(ns.nft('list', 'tables').some((row) => 'table' in row));
    },
  },
];
