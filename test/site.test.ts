/**
 * What the pages of the site are made of; the pages themselves are tested by `npm run site:test`.
 */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { loadModel } from '../scripts/docs-model.ts';
import { dissect, know } from '../site/lib/dissect.ts';
import { validate } from '../site/lib/validate.ts';
import { groupsOf } from '../site/scripts/groups.ts';
import { drawn, loadRecording } from '../site/scripts/illustrated.ts';
import { IPAM_SCHEMAS } from '../site/scripts/ipam-keys.ts';
import { ipamPluginKeys, pluginKeys } from '../site/scripts/keys.ts';
import { formOf } from '../site/scripts/recording-form.ts';
import { messagePage } from '../site/scripts/message-page.ts';
import { agrees, releaseAfter, sinceText, statedIn } from '../site/scripts/releases.ts';
import { SCENES } from '../site/scripts/scenes.ts';
import { structsOf, structView } from '../site/scripts/structs.ts';
import { verbsOf } from '../site/scripts/verbs.ts';
import recorded from '../site/refusals.json' with { type: 'json' };
import uapi from '../site/uapi.json' with { type: 'json' };
import { IPAM_KEYS } from '../src/cni/ipam-config.ts';
import { toJson } from '../src/netlink/codec/json.ts';
import { nftables } from '../src/nftables/nf-tables.ts';
import { rtnetlink } from '../src/rtnl/rtnetlink.ts';
import { loadFixtures } from './harness/fixture.ts';

know(rtnetlink, nftables);
const model = await loadModel();
const page = (wanted: string) => model.pages.find(({ name }) => name === wanted)!;

test('site: each byte of a fixture belongs to one field, and each field has its place', (t) => {
  for (const { name, protocol, bytes, value } of loadFixtures()) {
    const { nodes, messages } = dissect(protocol, bytes);
    t.deepEqual(toJson(messages[0]!.value), value, name);
    const owners = bytes.map(() => 0);
    for (const { children, at, end, path, name: field } of nodes) {
      if (children.length === 0) for (let i = at; i < end; i++) owners[i]!++;
      const place = path?.reduce<unknown>(
        (inside, step) => (inside as Record<string, unknown> | undefined)?.[step],
        value,
      );
      t.true(
        path === undefined || path.length === 0 || place !== undefined || field === 'nlmsghdr',
        `${name}: ${field}`,
      );
    }
    t.true(
      owners.every((count) => count === 1),
      name,
    );
  }
});

test('site: the page of an object has its verbs and its notification groups', (t) => {
  const calls = verbsOf(page('rtnl/addr')).map(({ signature }) => signature);
  t.true(calls.includes('addrs.add(spec)'));
  for (const name of ['link', 'route', 'rule', 'neigh', 'nexthop', 'mdb', 'vlan', 'nsid']) {
    t.true(verbsOf(page(`rtnl/${name}`)).length > 1, name);
    t.true(groupsOf(page(`rtnl/${name}`).messages).length > 0, name);
  }
  const groups = (name: string): string[] =>
    groupsOf(page(name).messages).map(({ name: group }) => group);
  t.deepEqual(groups('tc/qdisc'), ['RTNLGRP_TC']);
  t.true(groups('conntrack/connection').includes('NFNLGRP_CONNTRACK_DESTROY'));
  t.deepEqual(groups('xfrm/state').includes('XFRMNLGRP_SA'), true);
});

test('site: what the kernel refuses is on the page of the message', (t) => {
  for (const { type, message, call } of recorded.refusals) {
    const home = model.pages.find(({ messages }) => messages.some(({ types }) => type in types));
    t.truthy(home, type);
    t.true(message.startsWith(type), call);
  }
  const text = messagePage(page('rtnl/addr'), model, [], undefined);
  t.regex(text, /<td>RTM_NEWADDR .*EEXIST: .*Address already assigned/);
});

test('site: a release that a declaration states agrees with the headers', (t) => {
  const stated = model.pages.flatMap(({ messages, sets }) => [
    ...messages.flatMap(({ doc, types }) => Object.keys(types).map((name) => ({ name, doc }))),
    ...sets.flatMap(({ declared }) => declared.map(({ name, doc }) => ({ name, doc }))),
  ]);
  const found = stated.filter(({ doc }) => statedIn(doc) !== undefined);
  t.true(found.length > 10);
  for (const { name, doc } of found) t.true(agrees(statedIn(doc)!, name), `${name}: ${doc}`);
  // Of a file for something new, each name is as new.
  for (const { about, sets } of model.pages) {
    const [, release] = /\bsince Linux (\d+\.\d+)/.exec(about) ?? [];
    if (release === undefined) continue;
    const names = sets.flatMap(({ declared }) => declared.map(({ name }) => name));
    t.true(names.length > 0);
    t.true(
      names.every((name) => agrees(release, name)),
      about,
    );
  }
});

test('site: since which release an attribute is there stands beside it', (t) => {
  t.is(sinceText('IFLA_MTU'), undefined);
  t.is(sinceText('IFLA_BR_FDB_N_LEARNED'), '6.6 to 6.7');
  t.is(sinceText('IFLA_OVPN_MODE'), '6.16');
  t.regex(text('rtnl/link/bridge'), /IFLA_BR_FDB_N_LEARNED.*since Linux 6\.6 to 6\.7</);
  // The text states it.
  t.notRegex(text('ethtool/objects/rings'), /Linux 6\.14.*since Linux/);
  for (const [before, after] of [
    ['4.20', '5.0'],
    ['5.19', '6.0'],
    ['6.9', '6.10'],
  ] as const) {
    t.is(releaseAfter(before), after);
  }

  function text(name: string): string {
    return messagePage(page(name), model, [], undefined);
  }
});

test('site: each page has an example, unless no fixture can have its attributes', (t) => {
  for (const { name, fixtures, sets } of model.pages) {
    const isExcepted = sets.every(({ typed, excepted }) => excepted.length === typed.length);
    t.true(fixtures.length > 0 || (sets.length > 0 && isExcepted), name);
  }
});

test('site: no element of a page is cut in two by an empty line', (t) => {
  // It would end the block of HTML, and the build of the site with it.
  for (const each of model.pages) {
    const text = messagePage(each, model, [], undefined);
    for (const [block] of text.matchAll(/<pre>[^]*?<\/pre>|<dl [^]*?<\/dl>|<table>[^]*?<\/table>/g))
      t.notRegex(block, /\n\s*\n/, each.name);
  }
});

test('site: the members of a C struct are at the offsets that are declared', (t) => {
  const headers = structsOf(model);
  t.true(headers.size > 40);
  for (const struct of headers) {
    const { header, lines } = structView(struct, uapi as never);
    if (Object.hasOwn(uapi, struct.name)) t.truthy(header, struct.name);
    t.is(lines.length, Object.keys(struct.fields).length);
  }
});

test('site: each key of a plugin has its text', (t) => {
  for (const { name, own, schema } of [...pluginKeys(), ...ipamPluginKeys()]) {
    t.true(own.length > 4 || name === 'loopback', name);
    for (const key of own) t.truthy(schema.properties![key]!.description, `${name}: ${key}`);
  }
});

test('site: the keys of ipam are those that the plugins know', (t) => {
  for (const [name, keys] of Object.entries(IPAM_KEYS)) {
    const { properties } = IPAM_SCHEMAS[name as keyof typeof IPAM_SCHEMAS];
    t.deepEqual(Object.keys(properties!).sort(), [...keys].sort(), name);
  }
});

test('site: the executables accept each configuration of the recipes and of the keys', (t) => {
  const text = readFileSync(new URL('../site/pages/recipes.md', import.meta.url), 'utf8');
  const recipes = [...text.matchAll(/```json\n([^]*?)```/g)].map(([, json]) => json!);
  t.true(recipes.length > 5);
  const examples = [...pluginKeys(), ...ipamPluginKeys()].map(({ example }) =>
    JSON.stringify(example),
  );
  for (const each of [...recipes, ...examples]) {
    for (const { plugin, error, warnings } of validate(each)) {
      t.is(error, undefined, each);
      t.deepEqual(warnings, [], plugin);
    }
  }
});

test('site: a recording can be read, each step has its words, and its state follows from it', (t) => {
  for (const { name, plugin } of SCENES) {
    const recording = loadRecording(name);
    const { calls } = drawn(recording, () => undefined);
    t.deepEqual(
      calls.map(({ command }) => command),
      ['ADD', 'DEL'],
      name,
    );
    t.is((recording.config as { type?: string }).type, plugin);
    t.true(formOf(recording).includes('RTM_NEWADDR'), name);
    for (const { title, text, messages } of calls.flatMap(({ steps }) => steps)) {
      t.true(title.length > 5 && text.length > 20, `${name}: ${title}`);
      for (const { dissection } of messages) t.is(dissection.error, undefined, title);
    }
    const [add, del] = calls;
    const added = add!.steps.at(-1)!.state;
    t.deepEqual(del!.before, added, name);
    t.true(added.container.links.some(({ name: link, up }) => link === 'eth0' && up));
    t.deepEqual(del!.steps.at(-1)!.state.leases, []);
    t.false(del!.steps.at(-1)!.state.container.links.some(({ name: link }) => link === 'eth0'));
  }
});
