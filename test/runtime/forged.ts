/**
 * Only the kernel is believed: what other processes send to our sockets, alone or to their groups,
 * is nothing.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { viewOf } from '../../src/netlink/codec/bytes.ts';
import { connect } from '../../src/netlink/connection.ts';
import type { NetlinkError } from '../../src/errors.ts';
import { libc } from '../../src/sys/libc.ts';
import { openNamespace, socketIn } from '../../src/netlink/namespace.ts';
import type { Socket } from '../../src/netlink/socket.ts';
import { nftables } from '../../src/nftables/nf-tables.ts';
import { verbs as nftVerbs } from '../../src/nftables/open.ts';
import { addTable } from '../../src/nftables/index.ts';
import { RTNLGRP_LINK } from '../../src/rtnl/constants.ts';
import type { MonitorEvent } from '../../src/rtnl/monitor/object-monitor.ts';
import { open, verbs, type Rtnl } from '../../src/rtnl/open.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';
import type { RuntimeCase } from '../harness/case.ts';
import { PATIENCE } from '../harness/eventually.ts';
import { forgedAnswers, forgedLink, openForger, type Forger } from '../harness/forge.ts';
import { freshNamespace, type Namespace, type Teardown } from '../harness/namespace.ts';

const FORGE = resolve(import.meta.dirname, '../programs/forge.ts');
const MSG_DONTWAIT = 0x40;
const ECONNREFUSED = 111;

function forgerIn(t: Teardown, namespace: Namespace, protocol = rtnetlink.number): Forger {
  const forger = namespace.run(() => openForger(protocol));
  t.teardown(() => forger.close());
  return forger;
}

/**
 * A socket to which a forger, who knows the sequence numbers, answers before the kernel can; it is
 * in the group of links too.
 */
function haunted(socket: Socket, forger: Forger, group: number): Socket {
  socket.join(group);
  const send: Socket['send'] = (bytes, length) => {
    const seq = viewOf(bytes).getUint32(8, true);
    for (const forged of forgedAnswers(seq)) {
      assert.equal(forger.unicast(socket.portId(), forged), -ECONNREFUSED);
      assert.equal(forger.multicast(group, forged), forged.length);
    }
    socket.send(bytes, length);
  };
  return Object.assign(Object.create(socket) as Socket, { send });
}

function hauntedRtnl(t: Teardown): Rtnl {
  const ns = freshNamespace(t);
  const namespace = openNamespace(ns.path);
  const socket = socketIn(namespace, rtnetlink.number, { receiveBuffer: 1 << 20 });
  const rt = verbs(connect(rtnetlink, haunted(socket, forgerIn(t, ns), RTNLGRP_LINK)), (options) =>
    socketIn(namespace, rtnetlink.number, options),
  );
  t.teardown(() => {
    rt.close();
    namespace.close();
  });
  return rt;
}

const failure = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as NetlinkError).code;
  }
  return 'no error';
};

/**
 * A process in a namespace of its own, and in a user namespace of its own, whose root it is: a
 * container with CAP_NET_ADMIN.
 */
async function container(t: Teardown): Promise<{
  readonly path: string;
  forge(rt: { portId(): number }, seq: number): Promise<string>;
}> {
  const own = ['--user', '--map-root-user', '--net', process.execPath, FORGE];
  const child = spawn('unshare', own, {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  const line = async (): Promise<string> => String((await once(lines, 'line'))[0]);
  assert.equal(await line(), 'ready');
  return {
    path: `/proc/${child.pid}/ns/net`,
    forge(socket, seq) {
      const told = line();
      child.stdin.write(`${socket.portId()} ${seq}\n`);
      return told;
    },
  };
}

const names = (events: readonly MonitorEvent[]): string[] =>
  events.map((event) => (event.type === 'links' ? event.value.ifname! : event.type));

export const cases: RuntimeCase[] = [
  {
    title: 'forged: a forger reaches a socket that ignores the sender',
    run(t) {
      const ns = freshNamespace(t);
      const forger = forgerIn(t, ns);
      using socket = ns.run(() => socketIn(undefined, rtnetlink.number));
      socket.join(RTNLGRP_LINK);
      forger.multicast(RTNLGRP_LINK, forgedLink(1));
      const about = new Int32Array(1);
      const bytes = new Uint8Array(1024);
      const length = libc().recvmsg(socket.fd, bytes, bytes.length, MSG_DONTWAIT, about);
      assert.equal(length, forgedLink(1).length);
      assert.notEqual(about[0], 0);
      forger.multicast(RTNLGRP_LINK, forgedLink(1));
      assert.equal(socket.tryReceive(), undefined);
    },
  },
  {
    title: 'forged: no verb of rtnetlink takes the answer of another process',
    run(t) {
      const rt = hauntedRtnl(t);
      assert.equal(rt.links.get('lo').index, 1);
      assert.equal(rt.links.find('lo')?.ifname, 'lo');
      assert.equal(
        failure(() => rt.links.get('FORGED')),
        'ENODEV',
      );
      assert.deepEqual(
        rt.links.list().map(({ index }) => index),
        [1],
      );
      assert.deepEqual(
        Array.from(rt.links.dump(), ({ ifname }) => ifname),
        ['lo'],
      );
      rt.links.set('lo', { flags: ['up'] });
      assert.ok(rt.links.get('lo').flags.includes('up'));
      rt.addrs.add({ dev: 'lo', local: '192.0.2.1/24' });
      assert.equal(
        failure(() => rt.addrs.add({ dev: 'lo', local: '192.0.2.1/24' })),
        'EEXIST',
      );
      assert.ok(
        rt.addrs.list().some(({ local }) => local === '192.0.2.1/24' || local === '192.0.2.1'),
      );
      rt.routes.add({ dst: '198.51.100.0/24', dev: 'lo' });
      assert.equal(
        rt.routes.list({ table: 'main' }).filter(({ dst }) => dst === '198.51.100.0/24').length,
        1,
      );
      assert.ok(rt.routes.get('127.0.0.1'));
      assert.ok(rt.rules.list().length >= 2);
      assert.deepEqual(rt.neighs.list(), []);
      const answers = rt.batch((b) => {
        b.routes.delete({ dst: '198.51.100.0/24' });
        b.routes.delete({ dst: '198.51.100.0/24' });
        b.addrs.delete({ dev: 'lo', local: '192.0.2.1/24' });
      });
      assert.deepEqual(
        answers.map(({ error }) => error?.code),
        [undefined, 'ESRCH', undefined],
      );
      assert.equal(
        failure(() => rt.links.delete('FORGED')),
        'ENODEV',
      );
    },
  },
  {
    title: 'forged: no verb of nf_tables takes the answer of another process',
    needs: ['nftables-inet'],
    run(t) {
      const ns = freshNamespace(t);
      const NFNLGRP_NFTABLES = 7;
      const socket = ns.run(() => socketIn(undefined, nftables.number, { receiveBuffer: 1 << 20 }));
      const forger = forgerIn(t, ns, nftables.number);
      using nft = nftVerbs(connect(nftables, haunted(socket, forger, NFNLGRP_NFTABLES)));
      const before = nft.generation();
      assert.deepEqual(nft.tables.list(), []);
      nft.apply(addTable({ family: 'inet', name: 'real' }));
      assert.equal(
        failure(() => nft.apply(addTable({ family: 'inet', name: 'real', exclusive: true }))),
        'EEXIST',
      );
      assert.deepEqual(
        nft.tables.list().map(({ name }) => name),
        ['real'],
      );
      assert.ok(nft.generation() > before);
    },
  },
  {
    title: 'forged: a monitor reports what the kernel says and nothing else',
    async run(t) {
      const ns = freshNamespace(t);
      const forger = forgerIn(t, ns);
      using rt = open({ netns: ns.path });
      for (const allNamespaces of [false, true]) {
        await using events = rt.monitor({ links: true }, { allNamespaces });
        const pending = events.next();
        // One that is parked, and then some that are there when it is asked.
        await new Promise((done) => setTimeout(done, 20));
        for (const bytes of forgedAnswers(0)) forger.multicast(RTNLGRP_LINK, bytes);
        await new Promise((done) => setTimeout(done, 20));
        for (const bytes of forgedAnswers(0)) forger.multicast(RTNLGRP_LINK, bytes);
        if (allNamespaces) rt.links.down('lo');
        else rt.links.up('lo');
        assert.deepEqual(names([(await pending).value]), ['lo']);
      }
    },
  },
  {
    title: 'forged: root of a container, in a user namespace of its own, deceives no observer',
    async run(t) {
      const { path, forge } = await container(t);
      const namespace = openNamespace(path);
      const socket = socketIn(namespace, rtnetlink.number, { receiveBuffer: 1 << 20 });
      let seq = 0;
      const send: Socket['send'] = (bytes, length) => {
        seq = viewOf(bytes).getUint32(8, true);
        socket.send(bytes, length);
      };
      const spied = Object.assign(Object.create(socket) as Socket, { send });
      const rt = verbs(connect(rtnetlink, spied), (options) =>
        socketIn(namespace, rtnetlink.number, options),
      );
      t.teardown(() => {
        rt.close();
        namespace.close();
      });
      socket.join(RTNLGRP_LINK);
      rt.links.list();
      await using events = rt.monitor({ links: true });
      const pending = events.next();
      const told = `unicast ${ECONNREFUSED} multicast 0`;
      assert.equal(await forge(socket, seq + 1), told);
      assert.equal(rt.links.get('lo').index, 1);
      assert.equal(await forge(socket, seq + 1), told);
      assert.deepEqual(
        rt.links.list().map(({ ifname }) => ifname),
        ['lo'],
      );
      assert.equal(await forge(socket, seq + 1), told);
      rt.links.set('lo', { flags: ['up'] });
      assert.deepEqual(names([(await pending).value]), ['lo']);
      const looked: unknown[] = [];
      const found = rt.waitFor(
        () => {
          looked.push(rt.links.find('FORGED'));
          return rt.links.get('lo').flags.includes('up') ? undefined : 'down';
        },
        { on: { links: true }, timeout: PATIENCE },
      );
      assert.equal(await forge(socket, seq + 1), told);
      rt.links.down('lo');
      assert.equal(await found, 'down');
      assert.ok(looked.every((each) => each === undefined));
    },
  },
];
