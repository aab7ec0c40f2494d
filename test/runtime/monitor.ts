/** Monitors on the running kernel. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { MonitorEvent, ObjectEvent } from '../../src/rtnl/monitor/object-monitor.ts';
import { open, type Rtnl } from '../../src/rtnl/open.ts';
import type { RuntimeCase } from '../harness/case.ts';
import { lowest, PATIENCE, processorTime } from '../harness/eventually.ts';
import { freshNamespace, type Teardown } from '../harness/namespace.ts';
import { until } from '../harness/until.ts';

const IN_WORKER = resolve(import.meta.dirname, '../programs/watch-in-worker.ts');
/** Milliseconds of processor time in a second; a runtime's own threads wake up now and then. */
const IDLE = 100;
const EXITING = resolve(import.meta.dirname, '../programs/exit-while-watching.ts');

function fresh(t: Teardown): Rtnl {
  const rt = open({ netns: freshNamespace(t).path });
  t.teardown(() => rt.close());
  return rt;
}

const short = (event: MonitorEvent): string => {
  if (event.type === 'links') return `${event.action} ${event.value.ifname}`;
  if (event.type === 'addrs') return `${event.action} ${event.value.local}`;
  return event.type;
};

export const cases: RuntimeCase[] = [
  {
    title: 'monitor: links and addresses as they come and go',
    needs: ['dummy'],
    async run(t) {
      const rt = fresh(t);
      await using events = rt.monitor({ links: true, addrs: true });
      rt.links.add({ ifname: 'd0', kind: 'dummy' });
      rt.addrs.add({ dev: 'd0', local: '192.0.2.1/24' });
      rt.links.delete('d0');
      const read = await until(events, (event) => short(event) === 'del d0');
      assert.deepEqual(read.map(short), [
        'new d0',
        'new 192.0.2.1/24',
        'del 192.0.2.1/24',
        'del d0',
      ]);
    },
  },
  {
    title: 'monitor: what is there comes first when asked for, and nothing that is not watched',
    needs: ['dummy'],
    async run(t) {
      const rt = fresh(t);
      rt.links.add({ ifname: 'd0', kind: 'dummy' });
      await using events = rt.monitor({ links: true }, { initial: true });
      const there = await until(events, ({ type }) => type === 'synced');
      assert.deepEqual(there.map(short), ['new lo', 'new d0', 'synced']);
      rt.addrs.add({ dev: 'd0', local: '192.0.2.1/24' });
      rt.links.add({ ifname: 'd1', kind: 'dummy' });
      const read = await until(events, (event) => short(event) === 'new d1');
      assert.deepEqual(read.map(short), ['new d1']);
    },
  },
  {
    title: 'monitor: aborting resolves a pending read at once',
    async run(t) {
      const rt = fresh(t);
      const controller = new AbortController();
      const events = rt.monitor({ links: true }, { signal: controller.signal });
      const pending = events.next();
      await new Promise((done) => setTimeout(done, 50));
      // Nothing else happens that could resolve it.
      controller.abort();
      assert.ok((await pending).done);
    },
  },
  {
    title: 'monitor: an idle one uses no processor time',
    async run(t) {
      const rt = fresh(t);
      await using events = rt.monitor({ links: true });
      const pending = events.next();
      const second = (): Promise<unknown> => new Promise((done) => setTimeout(done, 1000));
      const used = await lowest(() => processorTime(second), IDLE);
      assert.ok(used <= IDLE, `${used} ms in each second`);
      events.close();
      await pending;
    },
  },
  {
    title: 'monitor: a process exits while one is waiting',
    run() {
      const { status, signal } = spawnSync(process.execPath, [EXITING], { timeout: PATIENCE });
      assert.deepEqual([status, signal], [7, null]);
    },
  },
  {
    title:
      'monitor: a worker in which one is waiting ends, with the process or by itself, silently',
    run() {
      for (const how of ['terminate', 'exit', 'close']) {
        const args = [IN_WORKER, how];
        const ended = spawnSync(process.execPath, args, { timeout: PATIENCE, encoding: 'utf8' });
        const { status, signal, stderr } = ended;
        assert.deepEqual([how, status, signal, stderr], [how, 7, null, '']);
      }
    },
  },
  {
    title:
      'monitor: more of them than the runtime has threads, all are notified, and files can be read',
    needs: ['dummy'],
    async run(t) {
      const rt = fresh(t);
      const monitors = Array.from({ length: 9 }, () => rt.monitor({ links: true }));
      const pending = monitors.map((events) => events.next());
      const { readFile } = await import('node:fs/promises');
      assert.match(await readFile('/proc/self/status', 'utf8'), /Name/);
      rt.links.add({ ifname: 'd0', kind: 'dummy' });
      const told = (await Promise.all(pending)).map(({ value }) => short(value));
      assert.deepEqual(new Set(told), new Set(['new d0']));
      monitors.forEach((events) => events.close());
    },
  },
  {
    title: 'monitor: notifications of all namespaces come with their id',
    needs: ['dummy'],
    async run(t) {
      const rt = fresh(t);
      const other = freshNamespace(t);
      rt.nsids.set(other.path, 12);
      await using events = rt.monitor({ links: true }, { allNamespaces: true });
      const there = open({ netns: other.path });
      t.teardown(() => there.close());
      const told: unknown[] = [];
      const both = until(events, (event) => {
        const { nsid, value } = event as ObjectEvent & { value: { ifname: string } };
        told.push([nsid, value.ifname]);
        return value.ifname === 'last';
      });
      for (let i = 0; i < 20; i++) {
        there.links.add({ ifname: `t${i}`, kind: 'dummy' });
        rt.links.add({ ifname: `h${i}`, kind: 'dummy' });
        if (i % 5 === 0) await new Promise((done) => setTimeout(done, 5));
      }
      rt.links.add({ ifname: 'last', kind: 'dummy' });
      await both;
      const expected = Array.from({ length: 20 }, (_, i) => [
        [12, `t${i}`],
        [undefined, `h${i}`],
      ]);
      assert.deepEqual(told, [...expected.flat(), [undefined, 'last']]);
    },
  },
  {
    title: 'monitor: a storm is reported as lost, and resync leads to what a fresh list says',
    needs: ['dummy'],
    async run(t) {
      const rt = fresh(t);
      rt.links.add({ ifname: 'd0', kind: 'dummy', flags: ['up'] });
      const { index } = rt.links.get('d0');
      await using events = rt.monitor(
        { addrs: true },
        { initial: true, resync: true, receiveBuffer: 8192 },
      );
      const known = new Set<string>();
      let lost = 0;
      const apply = (event: MonitorEvent): void => {
        if (event.type === 'lost') lost++;
        if (event.type !== 'addrs') return;
        if (event.action === 'new') known.add(event.value.local);
        else assert.ok(known.delete(event.value.local), `${event.value.local} was not known`);
      };
      const address = (i: number): string => `10.${i >> 8}.${i & 255}.1/32`;
      const change = (from: number, to: number, verb: 'add' | 'delete'): void => {
        rt.batch((b) => {
          for (let i = from; i < to; i++) b.addrs[verb]({ index, local: address(i) });
        });
      };
      (await until(events, ({ type }) => type === 'synced')).forEach(apply);
      change(0, 10, 'add');
      (await until(events, (event) => short(event) === `new ${address(9)}`)).forEach(apply);
      change(10, 5000, 'add');
      change(0, 4000, 'delete');
      change(5000, 6010, 'add');
      (await until(events, ({ type }) => type === 'synced')).forEach(apply);
      assert.ok(lost > 0);
      assert.deepEqual(
        [...known].sort(),
        rt.addrs
          .list()
          .map(({ local }) => local)
          .sort(),
      );
      change(4000, 4001, 'delete');
      (await until(events, (event) => short(event) === `del ${address(4000)}`)).forEach(apply);
      assert.ok(!known.has(address(4000)));
    },
  },
  {
    title: 'waitFor: resolves when the condition holds, by its notification',
    needs: ['dummy'],
    async run(t) {
      const rt = fresh(t);
      setTimeout(() => rt.links.add({ ifname: 'd0', kind: 'dummy' }), 30);
      const link = await rt.waitFor(() => rt.links.find('d0'), {
        on: { links: true },
        timeout: PATIENCE,
      });
      assert.equal(link.ifname, 'd0');
      assert.equal(
        await rt.waitFor(() => 'at once', { on: { links: true }, timeout: PATIENCE }),
        'at once',
      );
    },
  },
  {
    title: 'waitFor: ends at its deadline, and with its signal',
    async run(t) {
      const rt = fresh(t);
      const never = (signal?: AbortSignal): Promise<unknown> =>
        rt.waitFor(() => undefined, {
          on: { links: true },
          timeout: signal ? PATIENCE : 50,
          signal,
        });
      await assert.rejects(never(), { code: 'ETIMEDOUT' });
      await assert.rejects(never(AbortSignal.timeout(20)), { name: 'TimeoutError' });
    },
  },
];
