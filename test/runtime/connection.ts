/** Connections to the running kernel. */
import assert from 'node:assert/strict';
import { NLM_F_ECHO } from '../../src/netlink/constants.ts';
import { requestInBackground } from '../../src/netlink/connection.ts';
import { NetlinkError } from '../../src/errors.ts';
import { addAddr } from '../../src/rtnl/addr/verbs.ts';
import { deleteLink } from '../../src/rtnl/link/verbs.ts';
import { open, type Rtnl } from '../../src/rtnl/open.ts';
import { addRoute } from '../../src/rtnl/route/verbs.ts';
import type { RuntimeCase } from '../harness/case.ts';
import { PATIENCE } from '../harness/eventually.ts';
import { freshNamespace, type Teardown } from '../harness/namespace.ts';

/** A fresh namespace with `count` bridges that have an address each. */
function bridges(t: Teardown, count: number): Rtnl {
  const rt = open({ netns: freshNamespace(t).path });
  t.teardown(() => rt.close());
  rt.batch((b) => {
    for (let i = 0; i < count; i++) {
      b.links.add({ ifname: `br${i}`, index: 100 + i, kind: 'bridge', flags: ['up'] });
      b.addrs.add({ dev: `br${i}`, local: `10.0.${i}.1/24` });
    }
  });
  return rt;
}

const failure = (act: () => unknown): NetlinkError => {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof NetlinkError, String(error));
    return error;
  }
  assert.fail('no error');
};

export const cases: RuntimeCase[] = [
  {
    title: 'connection: dumps that are read in turns are complete, and one that is left gives way',
    needs: ['bridge'],
    run(t) {
      const rt = bridges(t, 60);
      const [links, addrs, routes] = [rt.links.dump(), rt.addrs.dump(), rt.routes.dump()];
      const names: unknown[] = [];
      const locals: unknown[] = [];
      for (let turn = 0; turn < 61; turn++) {
        names.push(links.next().value?.ifname);
        locals.push(addrs.next().value?.local);
        if (turn < 5) routes.next();
        if (turn === 5) routes.return!();
      }
      assert.deepEqual(
        names,
        rt.links.list().map(({ ifname }) => ifname),
      );
      const expected = rt.addrs.list({ family: 'inet' }).map(({ local }) => local);
      assert.deepEqual(locals.slice(0, expected.length), expected);
    },
  },
  {
    title: 'connection: a batch reports for each message what became of it',
    needs: ['dummy'],
    run(t) {
      const rt = open({ netns: freshNamespace(t).path });
      t.teardown(() => rt.close());
      const local = (i: number): string => `10.${i >> 8}.${i & 255}.1/32`;
      const answers = rt.batch((b) => {
        b.links.add({ ifname: 'd0', index: 50, kind: 'dummy' });
        for (let i = 0; i < 500; i++)
          b.addrs.add({ dev: 'd0', local: local(i - (i % 5 === 4 ? 1 : 0)) });
      });
      assert.equal(answers.length, 501);
      const failed = answers.flatMap(({ error }) => (error === undefined ? [] : [error]));
      assert.deepEqual(
        failed.map(({ index, code }) => [index, code]),
        Array.from({ length: 100 }, (_, i) => [5 * i + 5, 'EEXIST']),
      );
      assert.equal(rt.addrs.list({ dev: 'd0' }).length, 400);
    },
  },
  {
    title: 'connection: a change that the kernel refuses names the attribute and what it accepts',
    run(t) {
      const rt = open({ netns: freshNamespace(t).path });
      t.teardown(() => rt.close());
      const error = failure(() => rt.links.add({ ifname: 'much-too-long-a-name', kind: 'dummy' }));
      assert.equal(error.code, 'ERANGE');
      assert.equal(error.attribute, 'IFLA_IFNAME');
      assert.match(error.ack.policy ?? '', /string of 0\.\.1[56] bytes/);
      assert.equal(
        failure(() => rt.addrs.add({ dev: 'none', local: '192.0.2.1/24' })).code,
        'ENODEV',
      );
    },
  },
  {
    title: 'connection: after an error the next request is answered as ever',
    run(t) {
      const rt = open({ netns: freshNamespace(t).path });
      t.teardown(() => rt.close());
      for (let i = 0; i < 20; i++) {
        failure(() => rt.request(addAddr({ index: 99, local: '192.0.2.1/24' })));
        assert.equal(rt.links.get('lo').index, 1);
        assert.equal(failure(() => rt.links.get(99)).code, 'ENODEV');
        assert.equal(rt.links.list().length, 1);
      }
    },
  },
  {
    title:
      'connection: a change that was asked for in the background is done when its answer is asked for',
    needs: ['dummy'],
    run(t) {
      const ns = freshNamespace(t);
      const rt = open({ netns: ns.path });
      const other = open({ netns: ns.path });
      t.teardown(() => {
        rt.close();
        other.close();
      });
      for (let i = 0; i < 20; i++) {
        rt.links.add({ ifname: 'd0', kind: 'dummy' });
        const removed = requestInBackground(rt, deleteLink('d0'));
        assert.equal(other.links.get('lo').index, 1);
        assert.equal(removed().errno, 0);
        assert.equal(removed().error, undefined);
        assert.equal(failure(() => other.links.get('d0')).code, 'ENODEV');
        const refused = requestInBackground(rt, deleteLink('d0'));
        // Another question on the same connection waits for the answer first.
        assert.equal(rt.links.list().length, 1);
        assert.equal(refused().errno, 19);
        assert.match(refused().error!.message, /RTM_DELLINK "d0": ENODEV/);
      }
    },
  },
  {
    title: 'connection: waiting for a datagram ends at its deadline',
    run(t) {
      const rt = open({ netns: freshNamespace(t).path });
      t.teardown(() => rt.close());
      const start = performance.now();
      assert.equal(failure(() => rt.socket.receive(() => start + 60)).code, 'ETIMEDOUT');
      const waited = performance.now() - start;
      assert.ok(waited >= 59 && waited < PATIENCE, `${waited} ms`);
    },
  },
  {
    title: 'connection: a datagram that is larger than the buffer is received completely',
    needs: ['dummy'],
    run(t) {
      const ns = freshNamespace(t);
      const rt = open({ netns: ns.path });
      t.teardown(() => rt.close());
      rt.links.add({ ifname: 'd0', kind: 'dummy', flags: ['up'] });
      const { index } = rt.links.get('d0');
      rt.addrs.add({ dev: 'd0', local: '10.0.0.1/8' });
      // One route is one message: here of 56,000 bytes, told back by the echo.
      const nexthops = Array.from({ length: 3500 }, (_, i) => ({
        oif: index,
        gateway: `10.1.${i >> 8}.${i & 255}`,
      }));
      const { flags, ...request } = addRoute({ dst: '192.0.2.0/24', nexthops });
      const { replies } = rt.request({ ...request, flags: flags! | NLM_F_ECHO });
      assert.equal(replies[0]?.attrs.multipath?.length, 3500);
    },
  },
];
