/** `netlink-ts dump` and `monitor` of traffic control, beside tc(8). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { eventually } from '../../harness/eventually.ts';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { tool } from '../../harness/tool.ts';

const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts');

const tcJson = (ns: Namespace, ...args: string[]): Row[] =>
  JSON.parse(ns.exec('tc', '-j', ...args)) as Row[];

async function dumped(ns: Namespace, ...args: string[]): Promise<Row[]> {
  const { out } = await tool('dump', ...args, '--json', '--netns', ns.name);
  return JSON.parse(out) as Row[];
}

/** What is not of a kind; of a filter without a handle tc tells that there are some. */
const general = ({ protocol, pref, kind, chain }: Row, handle: unknown): Row => ({
  ...{ protocol, pref, kind, chain },
  handle,
});

needs('tc-u32')('cli: filters and chains are those of tc', async (t) => {
  const ns = freshNamespace(t);
  const filter = 'tc filter add dev d0 egress';
  ns.exec(
    'sh',
    '-ec',
    `ip link add d0 type veth peer d1; tc qdisc add dev d0 clsact
    ${filter} protocol ip pref 10 u32 match ip dst 192.0.2.0/24 flowid 1:10
    ${filter} protocol ipv6 pref 20 chain 7 u32 match u32 0 0 flowid 1:20
    tc chain add dev d0 egress chain 9`,
  );
  const at = ['dev', 'd0', 'egress'];
  t.deepEqual(
    (await dumped(ns, 'filters', '--dev', 'd0')).map((row) => general(row, row['handle'])),
    tcJson(ns, 'filter', 'show', ...at).flatMap((row) => {
      const options = row['options'] as { readonly fh: string } | undefined;
      return options === undefined ? [] : [general(row, options.fh)];
    }),
  );
  t.deepEqual(
    (await dumped(ns, 'chains', '--dev', 'd0')).map(({ chain }) => chain),
    tcJson(ns, 'chain', 'show', ...at).map(({ chain }) => chain),
  );
  const { out } = await tool('dump', 'filters', '--netns', ns.name);
  t.regex(out, /^DEV +KIND +HANDLE +PARENT +CHAIN +PREF +PROTOCOL$/m);
  t.regex(out, /^d0 +u32 +800::800 +egress +0 +10 +ip$/m);
});

needs('tc-filters')('cli: actions are those of tc', async (t) => {
  const ns = freshNamespace(t);
  ns.exec(
    'sh',
    '-ec',
    `tc actions add action drop index 5; tc actions add action pass index 6
    ip link add d0 type dummy; tc actions add action mirred egress redirect dev d0 index 7`,
  );
  const theirs = ['gact', 'mirred'].flatMap((kind) => {
    const [, found] = tcJson(ns, 'actions', 'list', 'action', kind) as [Row, { actions: Row[] }];
    return found.actions.map(({ index }) => [kind, index]);
  });
  const ours = await dumped(ns, 'actions');
  t.deepEqual(
    ours.map(({ kind, index }) => [kind, index]),
    theirs,
  );
});

/** The group of traffic control among those that a socket of rtnetlink listens to. */
const TC_LISTENER = /^\S+ +0 +\d+ +00000008 /m;

needs('tc-u32')('cli: the monitor prints filters and chains as tc monitor does', async (t) => {
  const ns = freshNamespace(t);
  ns.exec('sh', '-ec', 'ip link add d0 type veth peer d1; tc qdisc add dev d0 clsact');
  const child = spawn(process.execPath, [MAIN, 'monitor', 'tc', '--netns', ns.name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let out = '';
  const told = new Promise<void>((done) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (/^- chains .*chain=7/m.test(out)) done();
    });
  });
  const listens = (): boolean => TC_LISTENER.test(ns.exec('cat', '/proc/net/netlink'));
  t.true(eventually(listens, Boolean));
  const at = 'dev d0 egress';
  ns.exec(
    'sh',
    '-ec',
    `tc chain add ${at} chain 7
    tc filter add ${at} protocol ip pref 10 chain 7 u32 match u32 0 0 flowid 1:10
    tc filter del ${at} protocol ip pref 10 chain 7
    tc chain del ${at} chain 7`,
  );
  await told;
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number];
  t.is(code, 0);
  const events = out.split('\n').map((line) => line.split(/\s+/).slice(0, 2).join(' '));
  t.deepEqual(
    events.filter((each) => /chains|filters/.test(each)),
    ['+ chains', '+ filters', '- filters', '- chains'],
  );
});
