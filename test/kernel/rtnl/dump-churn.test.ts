/** Dumps while another process changes what is dumped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { NetlinkError } from '../../../src/errors.ts';
import { open } from '../../../src/rtnl/open.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const CHURN = resolve(import.meta.dirname, '../../programs/churn.ts');
const DUMPS = 500;
/** Links that stay: they make a dump longer than one datagram. */
const STEADY = 40;

needs('veth')('churn: 500 dumps are consistent, or errors that say interrupted', async (t) => {
  const ns = freshNamespace(t);
  using rt = open({ netns: ns.path, dumpRetries: 3 });
  rt.batch((b) => {
    for (let i = 0; i < STEADY; i += 2) {
      b.links.add({ ifname: `s${i}`, kind: 'veth', data: { peer: { ifname: `s${i + 1}` } } });
    }
  });
  const child = ns.run(() =>
    spawn(process.execPath, [CHURN, '8'], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  let [whole, interrupted, changing] = [0, 0, 0];
  let last = '';
  // And until the other process has had its turns, whatever else the machine does.
  for (let i = 0; i < DUMPS || changing <= 10 || interrupted === 0; i++) {
    try {
      // Every tenth is read so slowly that the other process gets its turn in the middle.
      const links = i % 10 === 0 ? slowly(rt.links.dump()) : rt.links.list();
      whole++;
      const names = new Set(links.map(({ ifname }) => ifname));
      const torn = [...names].filter((name) => /^[ab]\d/.test(name!) && !names.has(other(name!)));
      if (torn.length > 0 || names.size !== links.length || steady(names) !== STEADY) {
        return t.fail(`dump ${i}: ${[...names].join(' ')}`);
      }
      const text = [...names].join();
      if (text !== last) changing++;
      last = text;
    } catch (error) {
      if (!(error instanceof NetlinkError) || error.code !== 'EINTR') throw error;
      interrupted++;
    }
  }
  t.log(
    `${whole} whole, ${changing} of them other than the one before, ${interrupted} interrupted`,
  );
  t.true(whole > 0);
  t.true(changing > 10);
  t.true(interrupted > 0);
});

function slowly<T>(objects: Iterable<T>): T[] {
  const read: T[] = [];
  for (const object of objects) {
    read.push(object);
    if (read.length % 16 === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
  return read;
}

/** The ends of a pair are made and removed in one step. */
const other = (name: string): string => (name.startsWith('a') ? 'b' : 'a') + name.slice(1);

const steady = (names: ReadonlySet<string | undefined>): number =>
  [...names].filter((name) => /^s\d/.test(name!)).length;
