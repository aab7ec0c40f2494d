/** `netlink-ts doctor`: what it reports beside what the plugins then do. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { doctor } from '../../../src/cli/doctor.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { listNamespaces } from '../../../src/netlink/namespace.ts';
import { VERSION } from '../../../src/version.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { hasFeature } from '../../harness/features.ts';
import { ourPlugin } from '../../harness/plugin.ts';

interface Report {
  readonly code: number;
  readonly out: string;
  readonly notes: string;
}

function report(ns: Namespace, ...args: string[]): Report {
  let [out, notes] = ['', ''];
  const code = ns.run(() =>
    doctor.run(args, {
      write: (text) => void (out += text),
      note: (text) => void (notes += text),
      colours: false,
      readInput: () => new Uint8Array(),
    }),
  ) as number;
  return { code, out, notes };
}

const findings = (ns: Namespace, ...args: string[]): Finding[] =>
  JSON.parse(report(ns, '--json', ...args).out) as Finding[];

function about(subject: string, list: readonly Finding[]): Finding {
  const found = list.find((each) => each.subject === subject);
  if (found === undefined) throw new Error(`nothing about ${subject}`);
  return found;
}

function scratch(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('doctor: reports what the kernel can do as trying shows it, and leaves nothing', (t) => {
  const ns = freshNamespace(t);
  // Another test run on this host may be making its own.
  const ofDoctor = (): string[] => listNamespaces().filter((name) => name.includes('doctor'));
  const before = ofDoctor();
  const list = findings(ns);
  t.deepEqual(ofDoctor(), before);
  t.is(about('bridge', list).state, 'ok');
  t.is(about('ipvlan', list).state, hasFeature('ipvlan') ? 'ok' : 'note');
  t.is(about('VLANs on a bridge', list).state, hasFeature('vlan-filtering') ? 'ok' : 'note');
  t.is(about('nf_tables', list).state, hasFeature('nftables-inet') ? 'ok' : 'note');
  for (const { state, advice } of list) t.is(advice !== undefined, state !== 'ok');
});

test('doctor: reads the settings of the namespace that it runs in', (t) => {
  const ns = freshNamespace(t);
  const set = (name: string, value: string): string =>
    ns.exec('sh', '-c', `echo ${value} > /proc/sys/net/ipv4/${name}`);
  set('ip_forward', '0');
  set('conf/all/rp_filter', '0');
  t.is(about('IPv4 forwarding', findings(ns)).state, 'note');
  t.is(about('rp_filter', findings(ns)).state, 'ok');
  set('ip_forward', '1');
  set('conf/all/rp_filter', '1');
  t.is(about('IPv4 forwarding', findings(ns)).state, 'ok');
  t.is(about('rp_filter', findings(ns)).state, 'note');
});

test('doctor: tells our plugins from others, and one that does not run is a problem', (t) => {
  const ns = freshNamespace(t);
  const folder = scratch(t);
  const script = (name: string, text: string): void =>
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  copyFileSync(ourPlugin('bridge'), join(folder, 'bridge'));
  script(
    'loopback',
    `[ -n "$CNI_COMMAND" ] && echo '{"cniVersion":"1.0.0","supportedVersions":["1.0.0"]}' && exit
echo 'CNI loopback plugin v9' >&2`,
  );
  script('static', 'exit 3');
  const args = ['--plugin-dir', folder];
  const list = findings(ns, ...args);
  const name = (plugin: string): string => join(folder, plugin);
  t.is(about(name('bridge'), list).text, `netlink-ts ${VERSION}`);
  t.is(
    about(name('loopback'), list).text,
    'of another project (CNI loopback plugin v9), for CNI up to 1.0.0',
  );
  t.is(about(name('ipvlan'), list).text, 'not there');
  t.like(about(name('static'), list), {
    state: 'problem',
    text: 'does not answer VERSION (exit 3: )',
  });
  const { code, out, notes } = report(ns, ...args);
  t.deepEqual([code, notes], [1, '1 problem.\n']);
  t.true(out.includes(`PROBLEM  ${name('static')}: does not answer VERSION`), out);
});

test('doctor: leases that nobody can own are a note, with the command that shows them', (t) => {
  const ns = freshNamespace(t);
  const data = scratch(t);
  const args = ['--data-dir', data, '--plugin-dir', data];
  t.is(about('leases', findings(ns, ...args)).text, '0 in 0 networks');
  mkdirSync(join(data, 'net1'));
  writeFileSync(join(data, 'net1/10.0.0.2'), 'c1\r\neth0');
  t.is(about('leases', findings(ns, ...args)).text, '1 in 1 network');
  writeFileSync(join(data, 'net1/10.0.0.3'), '');
  const { state, text, advice } = about('leases', findings(ns, ...args));
  t.is(state, 'note');
  t.regex(text, /^\d in 1 network, with 1 inconsistency$/);
  t.regex(advice!, /netlink-ts ipam check/);
});
