/** Several network namespaces from one process. */
import test from 'ava';
import { readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { NetlinkError } from '../../../src/errors.ts';
import {
  createNamespace,
  currentNamespace,
  deleteNamespace,
  inNamespace,
  listNamespaces,
  openNamespace,
} from '../../../src/netlink/namespace.ts';
import { open } from '../../../src/rtnl/open.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { outputOf } from '../../harness/program.ts';

const here = (): string => readlinkSync('/proc/thread-self/ns/net');

test('namespaces: made, listed and removed under names that ip knows', (t) => {
  const name = `netlink-ts-${process.pid}-made`;
  const made = createNamespace(name);
  t.teardown(() => made.close());
  t.true(listNamespaces().includes(name));
  t.regex(outputOf('ip', 'netns'), new RegExp(name));
  t.throws(() => createNamespace(name), { instanceOf: NetlinkError, code: 'EEXIST' });
  deleteNamespace(name);
  t.false(listNamespaces().includes(name));
  t.throws(() => openNamespace(name), { code: 'ENOENT' });
  t.throws(() => openNamespace('/etc/passwd'), { code: 'EINVAL' });
  t.throws(() => createNamespace('a/b'), { code: 'EINVAL' });
});

needs('dummy')('namespaces: a connection stays where it was opened', async (t) => {
  const [one, other] = [freshNamespace(t), freshNamespace(t)];
  const before = here();
  using rt = open({ netns: one.path });
  using inside = inNamespace(openNamespace(other.path), () => open());
  t.is(here(), before);
  rt.links.add({ ifname: 'd0', kind: 'dummy' });
  inside.links.add({ ifname: 'd1', kind: 'dummy' });
  t.is(one.ip('link').at(-1)!['ifname'], 'd0');
  t.is(other.ip('link').at(-1)!['ifname'], 'd1');
  await using events = inside.monitor({ links: true });
  rt.links.add({ ifname: 'd2', kind: 'dummy' });
  inside.links.add({ ifname: 'd3', kind: 'dummy' });
  const { value } = await events.next();
  t.is(value?.type === 'links' && value.value.ifname, 'd3');
});

needs('veth')('namespaces: a link moves by name, path and open file', (t) => {
  const [one, other] = [freshNamespace(t), freshNamespace(t)];
  using rt = open({ netns: one.name });
  using there = open({ netns: other.path });
  rt.links.add({ ifname: 'v0', kind: 'veth', data: { peer: { ifname: 'v1' } } });
  rt.links.set('v1', { netns: other.name });
  rt.links.add({ ifname: 'w0', kind: 'veth', netns: other.path });
  using home = openNamespace(one.path);
  there.links.set('w0', { netns: home });
  t.truthy(there.links.find('v1'));
  t.truthy(rt.links.find('w0'));
  const answers = rt.batch((b) => {
    b.links.set('w0', { netns: other.name });
    b.links.set('v0', { netns: other.name });
  });
  t.true(answers.every(({ error }) => error === undefined));
  t.truthy(there.links.find('v0'));
});

test('namespaces: ids are given, asked for and listed', (t) => {
  const [one, other] = [freshNamespace(t), freshNamespace(t)];
  using rt = open({ netns: one.path });
  t.is(rt.nsids.get(other.path), undefined);
  rt.nsids.set(other.name, 41);
  t.is(rt.nsids.get(other.path), 41);
  t.deepEqual(rt.nsids.list(), [41]);
  t.throws(() => rt.nsids.set(other.name, 42), { code: 'EEXIST' });
  using opened = openNamespace(other.path);
  t.is(rt.nsids.get(opened), 41);
  rt.nsids.set('/proc/self/ns/net');
  t.is(
    rt.nsids.get({ pid: process.pid }),
    rt.nsids.list().find((id) => id !== 41),
  );
});

test('namespaces: what runs inside comes back, and may not be asynchronous', async (t) => {
  const other = freshNamespace(t);
  using namespace = openNamespace(other.path);
  using home = currentNamespace();
  t.not(inNamespace(namespace, () => currentNamespace()).id, home.id);
  for (const each of [namespace, home]) {
    t.throws(() => inNamespace(each, () => Promise.resolve()), { code: 'ERR_NETLINK_CODEC' });
  }
  t.throws(() =>
    inNamespace(namespace, () => {
      throw new Error('inside');
    }),
  );
  using now = currentNamespace();
  t.is(now.id, home.id);
});

test('namespaces: what the file system refuses is a NetlinkError', (t) => {
  const source = `
    import * as netlink from ${JSON.stringify(resolve('src/netlink/index.ts'))};
    const calls = [
      () => netlink.currentNamespace(),
      () => netlink.listNamespaces(),
      () => netlink.createNamespace('x'),
    ];
    for (const call of calls) {
      try {
        call();
      } catch ({ name, message }) {
        console.log(name, message);
      }
    }`;
  const script = 'umount -l /proc && mount -t tmpfs none /run && : > /run/netns && exec "$@"';
  const run = ['sh', '-c', script, 'sh', process.execPath, '--input-type=module', '-e', source];
  t.deepEqual(
    outputOf('unshare', '--mount', ...run)
      .trim()
      .split('\n'),
    [
      'NetlinkError open "/proc/thread-self/ns/net": ENOENT: no such file or directory',
      'NetlinkError readdir "/run/netns": ENOTDIR: not a directory',
      'NetlinkError mkdir "/run/netns": EEXIST: file exists',
    ],
  );
});
