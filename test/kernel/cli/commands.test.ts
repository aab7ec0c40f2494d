/** The command-line tool on the running kernel. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { ExecutionContext } from 'ava';
import { open } from '../../../src/rtnl/open.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { tool } from '../../harness/tool.ts';

const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts');

function withInterface(t: ExecutionContext): Namespace {
  const ns = freshNamespace(t);
  using rt = open({ netns: ns.path });
  rt.links.add({ ifname: 'd0', kind: 'dummy', address: '02:00:00:00:00:01', flags: ['up'] });
  rt.addrs.add({ dev: 'd0', local: '192.0.2.1/24' });
  rt.routes.add({ dst: 'default', gateway: '192.0.2.9' });
  return ns;
}

needs('dummy')('cli: dump as a table and as JSON, in a namespace', async (t) => {
  const ns = withInterface(t);
  const links = await tool('dump', 'links', '--netns', ns.name);
  t.is(links.code, 0, links.notes);
  t.regex(links.out, /^INDEX +NAME +KIND +STATE +MTU/);
  t.regex(links.out, /^\d+ +d0 +dummy +unknown +1500 +02:00:00:00:00:01$/m);
  const addrs = JSON.parse(
    (await tool('dump', 'addrs', '--dev', 'd0', '--json', '--netns', ns.name)).out,
  );
  t.like(addrs[0], { local: '192.0.2.1/24', label: 'd0' });
  const routes = await tool(
    'dump',
    'routes',
    '--table',
    'main',
    '--family',
    'inet',
    '--netns',
    ns.path,
  );
  t.regex(routes.out, /^inet +main +default +192\.0\.2\.9 +d0/m);
  for (const kind of [
    'neighs',
    'rules',
    'vlans',
    'fdb',
    'nexthops',
    'mdb',
    'nsids',
    'addrLabels',
  ]) {
    const { code, notes } = await tool('dump', kind, '--netns', ns.name);
    t.is(code, 0, `${kind}: ${notes}`);
  }
  t.like(await tool('dump', 'links', '--netns', 'no-such-namespace'), { code: 1, out: '' });
});

needs('dummy')('cli: monitor prints what happens, and ends with a signal', async (t) => {
  const ns = withInterface(t);
  using rt = open({ netns: ns.path });
  const child = spawn(
    process.execPath,
    [MAIN, 'monitor', 'addrs', '--initial', '--netns', ns.name],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let out = '';
  const told = new Promise<void>((done) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (!out.includes('synced') && (out + text).includes('synced')) {
        rt.addrs.add({ dev: 'd0', local: '192.0.2.2/24' });
      }
      out += text;
      if (out.includes('192.0.2.2/24')) done();
    });
  });
  await told;
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number];
  t.is(code, 0);
  t.regex(out, /^\+ addrs +dev=d0 address=192\.0\.2\.1\/24 scope=global/m);
});

needs('bridge')(
  'cli: dump takes several objects, and a kind that is nearly one gets a hint',
  async (t) => {
    const ns = freshNamespace(t);
    ns.exec('sh', '-c', `ip link add "$(printf 'b\\377r')" type bridge`);
    const both = await tool('dump', 'links', 'rules', '--netns', ns.name);
    t.is(both.code, 0, both.notes);
    t.regex(both.out, /^# links\nINDEX/);
    t.regex(both.out, /^# rules\nFAMILY/m);
    const json = JSON.parse(
      (await tool('dump', 'links', 'rules', '--json', '--netns', ns.name)).out,
    );
    t.deepEqual(Object.keys(json), ['links', 'rules']);
    const none = await tool('dump', 'links', '--kind', 'brige', '--netns', ns.name);
    t.regex(none.notes, /no link is of kind "brige"; did you mean bridge\?/);
    t.is((await tool('dump', 'links', '--kind', 'bridge', '--netns', ns.name)).notes, '');
    // As it is shown.
    t.regex(both.out, /b\\xffr/);
    const addrs = await tool('dump', 'addrs', '--dev', 'b\\xffr', '--netns', ns.name);
    t.is(addrs.code, 0, addrs.notes);
  },
);
