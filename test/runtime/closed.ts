/** What is closed does nothing: its descriptor's number belongs to whatever was opened next. */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import {
  currentNamespace,
  inNamespace,
  openNamespace,
  socketIn,
} from '../../src/netlink/namespace.ts';
import { connect, requestInBackground, sendTransaction } from '../../src/netlink/connection.ts';
import { addTable } from '../../src/nftables/index.ts';
import type { Batch } from '../../src/nftables/transaction.ts';
import { openNftables } from '../../src/nftables/open.ts';
import { addLink } from '../../src/rtnl/link/verbs.ts';
import { open, verbs, type BatchVerbs } from '../../src/rtnl/open.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';
import type { RuntimeCase } from '../harness/case.ts';
import { lowest } from '../harness/eventually.ts';
import { freshNamespace } from '../harness/namespace.ts';

const CLOSED = {
  name: 'ClosedError',
  code: 'ERR_NETLINK_CLOSED',
  message: 'the connection is closed',
};

export const cases: RuntimeCase[] = [
  {
    title: 'closed: a connection does nothing, and nothing to what has its descriptor now',
    async run(t) {
      const a = open({ netns: freshNamespace(t).path });
      const { fd } = a.socket;
      const dump = a.links.dump();
      const begun = a.links.dump();
      assert.equal(begun.next().value?.ifname, 'lo');
      const { socket } = a;
      a.close();
      a.close();
      const b = open({ netns: freshNamespace(t).path });
      t.teardown(() => b.close());
      // Not a condition, but what makes this worth asking.
      assert.ok(b.socket.fd <= fd);
      const uses: Record<string, () => unknown> = {
        add: () => a.links.add({ ifname: 'meant-for-a', kind: 'bridge' }),
        set: () => a.links.up('lo'),
        get: () => a.links.get(1),
        find: () => a.links.find(1),
        list: () => a.routes.list(),
        dump: () => a.routes.dump(),
        'dump of before': () => dump.next(),
        'dump under way': () => begun.next(),
        'loop over a dump': () => [...dump],
        batch: () => a.batch([addLink({ ifname: 'meant-for-a', kind: 'bridge' })]),
        'empty batch': () => a.batch([]),
        'batch by verbs': () => a.batch((v) => v.links.add({ ifname: 'x', kind: 'bridge' })),
        request: () => a.request(addLink({ ifname: 'meant-for-a', kind: 'bridge' })),
        'request in the background': () =>
          requestInBackground(a, addLink({ ifname: 'x', kind: 'bridge' })),
        transaction: () => sendTransaction(a, []),
        monitor: () => a.monitor({ links: true }),
        'monitor that lists': () => a.monitor({ links: true }, { initial: true }),
        send: () => socket.send(new Uint8Array(16)),
        'send in the background': () => socket.sendInBackground(new Uint8Array(16)),
        receive: () => socket.receive(() => 0),
        tryReceive: () => socket.tryReceive(),
        join: () => socket.join(1),
        leave: () => socket.leave(1),
        portId: () => socket.portId(),
        fd: () => socket.fd,
      };
      for (const [use, act] of Object.entries(uses)) assert.throws(act, CLOSED, use);
      const wait = a.waitFor(() => false, { on: { links: true }, timeout: 1000 });
      await assert.rejects(wait, CLOSED);
      // Who ends what was closed before it need not care.
      begun.return!();
      dump[Symbol.dispose]();
      assert.equal(socket.closed, true);
      await socket.wait();
      assert.deepEqual(
        b.links.list().map(({ ifname }) => ifname),
        ['lo'],
      );
    },
  },
  {
    title: 'closed: a batch that was sent takes nothing more',
    run(t) {
      const { path } = freshNamespace(t);
      using rt = open({ netns: path });
      let kept: BatchVerbs | undefined;
      rt.batch((verbs) => {
        kept = verbs;
      });
      const late = { ...CLOSED, message: 'the batch is closed' };
      assert.throws(() => kept!.links.add({ ifname: 'late', kind: 'bridge' }), late);
      assert.throws(() => kept!.links.add({ ifname: 'late', kind: 'bridge', netns: path }), late);
    },
  },
  {
    title: 'closed: nf_tables does nothing',
    needs: ['nftables-inet'],
    run(t) {
      const nft = openNftables({ netns: freshNamespace(t).path });
      const monitor = nft.monitor();
      nft.close();
      assert.throws(() => nft.monitor(), CLOSED);
      const change = addTable({ family: 'inet', name: 'meant' });
      const other = openNftables({ netns: freshNamespace(t).path });
      t.teardown(() => other.close());
      let kept: Batch | undefined;
      other.transact((batch) => {
        kept = batch;
      });
      const late = { ...CLOSED, message: 'the batch is closed' };
      assert.throws(() => kept!.push(change), late);
      assert.throws(() => kept!.tables.add({ family: 'inet', name: 'meant' }), late);
      assert.throws(() => kept!.tables.list(), late);
      assert.throws(() => nft.apply(change), CLOSED);
      assert.throws(() => nft.apply(), CLOSED);
      assert.throws(() => nft.transact((b) => b.push(change)), CLOSED);
      assert.throws(() => nft.transact(() => 1), CLOSED);
      assert.throws(() => nft.transact((b) => b.get()), CLOSED);
      assert.throws(() => nft.tables.list(), CLOSED);
      assert.throws(() => nft.generation(), CLOSED);
      assert.deepEqual(other.tables.list(), []);
      monitor.close();
    },
  },
  {
    title: 'closed: a namespace is not entered, and no descriptor of it is given away',
    run(t) {
      const namespace = openNamespace(freshNamespace(t).path);
      const here = currentNamespace();
      namespace.close();
      here.close();
      const rt = open({ netns: freshNamespace(t).path });
      t.teardown(() => rt.close());
      const closed = { ...CLOSED, message: 'the network namespace is closed' };
      for (const each of [namespace, here]) {
        const uses: Record<string, () => unknown> = {
          fd: () => each.fd,
          inNamespace: () => inNamespace(each, () => 'inside'),
          socketIn: () => socketIn(each, rtnetlink.number),
          open: () => open({ netns: each }),
          openNftables: () => openNftables({ netns: each }),
          'links.add': () => rt.links.add({ ifname: 'x', kind: 'bridge', netns: each }),
          'links.set': () => rt.links.set('lo', { netns: each }),
          'nsids.get': () => rt.nsids.get(each),
          'nsids.set': () => rt.nsids.set(each, 5),
        };
        for (const [use, act] of Object.entries(uses)) assert.throws(act, closed, use);
      }
    },
  },
  {
    title: 'closed: a monitor that ends gives its descriptors back, whatever it was doing',
    async run(t) {
      const ns = freshNamespace(t);
      const count = (): number =>
        readdirSync('/proc/self/fd').filter((fd) => {
          try {
            return /socket:|eventpoll/.test(readlinkSync(`/proc/self/fd/${fd}`));
          } catch {
            return false;
          }
        }).length;
      const once = async (): Promise<void> => {
        using rt = open({ netns: ns.path });
        const monitors = [false, true].map((allNamespaces) =>
          rt.monitor({ links: true, addrs: true }, { allNamespaces }),
        );
        const pending = monitors.map((events) => events.next());
        rt.links.up('lo');
        rt.links.down('lo');
        await Promise.all(pending);
        const last = monitors.map((events) => events.next());
        const more = monitors.map((events) => events.next());
        monitors.forEach((events) => events.close());
        await Promise.all([...last, ...more]);
        for (const events of monitors) assert.ok((await events.next()).done);
      };
      await once();
      const before = count();
      for (let i = 0; i < 20; i++) await once();
      // The runtime's threads give back what they waited on a moment later.
      const moment = (): Promise<unknown> => new Promise((done) => setTimeout(done, 50));
      const left = await lowest(() => moment().then(count), before);
      assert.ok(left <= before, `${left} descriptors, ${before} before`);
    },
  },
  {
    title: 'closed: a connection over a socket that was closed apart from it does nothing either',
    run(t) {
      const ns = freshNamespace(t);
      const socket = ns.run(() => socketIn(undefined, rtnetlink.number));
      const rt = verbs(connect(rtnetlink, socket));
      socket.close();
      assert.throws(() => rt.links.list(), CLOSED);
      assert.throws(() => rt.monitor({ links: true }), CLOSED);
    },
  },
  {
    title: 'closed: no more is sent than there is',
    run(t) {
      using rt = open({ netns: freshNamespace(t).path });
      const { socket } = rt;
      const bytes = new Uint8Array(16);
      for (const length of [17, 1e9, -1, 1.5, NaN, '4' as never, null as never]) {
        assert.throws(() => socket.send(bytes, length), { code: 'ERR_NETLINK_CODEC' });
      }
      for (const what of [0, 4096, 7n, 'text', {}, null, undefined, [1, 2], new ArrayBuffer(8)]) {
        assert.throws(() => socket.send(what as never), { code: 'ERR_NETLINK_CODEC' });
        assert.throws(() => socket.send(what as never, 4), { code: 'ERR_NETLINK_CODEC' });
        assert.throws(() => socket.sendInBackground(what as never), { code: 'ERR_NETLINK_CODEC' });
      }
      assert.equal(rt.links.list().length, 1);
    },
  },
];
