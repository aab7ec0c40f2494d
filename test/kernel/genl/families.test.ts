/**
 * Generic netlink beside `genl ctrl`: families, policies, connections to a family, and
 * notifications.
 */
import test from 'ava';
import {
  openGenl,
  genlFamily,
  genlMessage,
  nlctrl,
  type FamilyEvent,
} from '../../../src/genl/index.ts';
import { attr, attrs } from '../../../src/netlink/codec/attributes.ts';
import { cstr, u32, u8 } from '../../../src/netlink/codec/codec.ts';
import { nested } from '../../../src/netlink/codec/nested.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { outputOf, program } from '../../harness/program.ts';

/** What genl(8) prints of a family, in its words. */
interface Printed {
  readonly id: number;
  readonly name: string;
  readonly version: number;
  readonly hdrsize: number;
  readonly maxattr: number;
  /** The mask is printed of families whose version is at least 2. */
  readonly ops: readonly { readonly id: number; readonly mask?: number }[];
  readonly groups: readonly { readonly id: number; readonly name: string }[];
}

const FAMILY =
  /Name: (\S+)\s+ID: 0x(\w+)\s+Version: 0x(\w+)\s+header size: (\d+)\s+max attribs: (\d+)([^]*?)(?=\nName:|$)/g;

const printed = (text: string): Printed[] =>
  [...text.matchAll(FAMILY)].map(([, name, id, version, hdrsize, maxattr, rest]) => ({
    id: parseInt(id!, 16),
    name: name!,
    version: parseInt(version!, 16),
    hdrsize: Number(hdrsize),
    maxattr: Number(maxattr),
    ops: [...rest!.matchAll(/#\d+: {2}ID-0x(\w+) *\n(?:\s*Capabilities \(0x(\w+)\))?/g)].map(
      ([, op, mask]) => ({
        id: parseInt(op!, 16),
        ...(mask !== undefined && { mask: parseInt(mask, 16) }),
      }),
    ),
    groups: [...rest!.matchAll(/#\d+: {2}ID-0x(\w+) {2}name: (\S+)/g)].map(([, group, word]) => ({
      id: parseInt(group!, 16),
      name: word!,
    })),
  }));

const FLAGS: Readonly<Record<string, number>> = {
  admin_perm: 0x01,
  do: 0x02,
  dump: 0x04,
  haspol: 0x08,
  uns_admin_perm: 0x10,
};

test('genl: families are those of genl ctrl list, with commands and groups', (t) => {
  const ns = freshNamespace(t);
  const expected = printed(ns.exec('genl', 'ctrl', 'list'));
  using genl = openGenl({ netns: ns.path });
  const maskOf = (flags: readonly (string | number)[] = []): number =>
    flags.reduce<number>((mask, word) => mask | (FLAGS[word] ?? Number(word)), 0);
  const found = genl.families.list().map(({ ops, ...rest }) => ({
    ...rest,
    ops: ops.map(({ id, flags }) => (rest.version < 2 ? { id } : { id, mask: maskOf(flags) })),
  }));
  t.true(found.length > 3);
  t.deepEqual(found as unknown, expected as unknown);
  for (const { id, name } of found) {
    t.deepEqual(genl.families.get(name), genl.families.get(id));
    t.is(genl.families.find(name)?.id, id);
  }
});

test('genl: policies are those of genl ctrl policy', (t) => {
  using genl = openGenl();
  const text = outputOf('genl', 'ctrl', 'policy', 'name', 'nlctrl');
  const ops = [...text.matchAll(/op (\d+) policies:(?: do=(\d+))?(?: dump=(\d+))?/g)].map(
    ([, id, perform, dump]) => ({
      id: Number(id),
      ...(perform !== undefined && { do: Number(perform) }),
      ...(dump !== undefined && { dump: Number(dump) }),
    }),
  );
  const attributes = [...text.matchAll(/policy\[(\d+)\]:attr\[(\d+)\]: type=(\w+)/g)].map(
    ([, index, id, type]) => `${index} ${id} ${type!.toLowerCase().replace('_', '-')}`,
  );
  const policy = genl.policy('nlctrl');
  t.deepEqual(policy.ops, ops);
  t.deepEqual(
    policy.policies.flatMap((each, i) => each.map(({ id, type }) => `${i} ${id} ${type}`)),
    attributes,
  );
  const [name] = policy.policies[0]!.filter(({ id }) => id === 2);
  t.like(name, { type: 'nul-string', maxLength: 15 });
  // Of one command: the policies that it needs, and no other.
  t.deepEqual(genl.policy('nlctrl', 3), { ops: ops.slice(0, 1), policies: [policy.policies[0]!] });
});

test('genl: a family that is not there is one error that names its module', (t) => {
  using genl = openGenl();
  const message =
    'CTRL_CMD_GETFAMILY "nowhere": ENOENT: no such file or directory (this kernel has no such family of generic netlink; its module may have to be loaded: modprobe nowhere)';
  t.is(genl.families.find('nowhere'), undefined);
  t.throws(() => genl.families.get('nowhere'), { message, code: 'ENOENT' });
  t.throws(() => genl.policy('nowhere'), { message, code: 'ENOENT' });
  const declared = genlFamily('nowhere', { version: 1, module: 'some_where', messages: [] });
  t.throws(() => genl.open(declared), {
    message: message.replace('modprobe nowhere', 'modprobe some_where'),
  });
  t.throws(() => genl.families.get(9), { message: /ENOENT.*no family has this id/ });
});

const header = attrs({ devName: attr('ETHTOOL_A_HEADER_DEV_NAME', 2, cstr) });
const linkstate = attrs({
  header: attr('ETHTOOL_A_LINKSTATE_HEADER', 1, nested(header)),
  link: attr('ETHTOOL_A_LINKSTATE_LINK', 2, u8),
  sqi: attr('ETHTOOL_A_LINKSTATE_SQI', 3, u32),
});
const ethtool = genlFamily('ethtool', {
  version: 1,
  messages: [
    genlMessage('linkstate', { ETHTOOL_MSG_LINKSTATE_GET: 6 }, linkstate, {
      doc: 'The state of a link.',
      subject: ({ attrs: a }) => a?.header?.devName,
    }),
  ],
});

test('genl: a declared family answers, dumps, and refuses with the path of the attribute', (t) => {
  const ns = freshNamespace(t);
  using genl = openGenl({ netns: ns.path });
  using connection = genl.open(ethtool);
  t.is(connection.family.name, 'ethtool');
  const ask = (devName?: string) =>
    connection.command('ETHTOOL_MSG_LINKSTATE_GET', { header: { devName } });
  t.is(connection.get(ask('lo')).attrs.link, 0);
  ns.exec('ip', 'link', 'set', 'lo', 'up');
  const { cmd, attrs: state } = connection.get(ask('lo'));
  t.is(cmd, 'ETHTOOL_MSG_LINKSTATE_GET');
  t.is(state.link, 1);
  t.is(state.header?.devName, 'lo');
  t.deepEqual(
    connection.list(ask()).map(({ attrs: each }) => each.header?.devName),
    ns.ip('link').map(({ ifname }) => ifname as string),
  );
  const error = t.throws(() => connection.get(ask('nowhere')), { code: 'ENODEV' });
  t.is(
    error.message,
    'ETHTOOL_MSG_LINKSTATE_GET "nowhere": ENODEV at ETHTOOL_A_LINKSTATE_HEADER/ETHTOOL_A_HEADER_DEV_NAME: "no device matches name"',
  );
  t.throws(() => connection.get(ask('x'.repeat(200))), {
    message:
      /: EINVAL at ETHTOOL_A_LINKSTATE_HEADER\/ETHTOOL_A_HEADER_DEV_NAME: .*, accepted is nul-string of 0\.\.127 bytes$/,
  });
  t.throws(() => connection.command('ETHTOOL_MSG_NOTHING' as never), {
    message: 'ethtool has no command ETHTOOL_MSG_NOTHING',
  });
  t.throws(() => connection.monitor(['nothing']), {
    message: 'ethtool has no group "nothing", only monitor',
  });
});

test('genl: a connection outlives the handle that opened it, but no monitor is opened after', (t) => {
  const genl = openGenl();
  using connection = genl.open(nlctrl);
  genl.close();
  const request = connection.command('CTRL_CMD_GETFAMILY', { familyName: 'nlctrl' });
  t.is(connection.get(request).attrs.familyId, 16);
  t.throws(() => genl.families.list(), { code: 'ERR_NETLINK_CLOSED' });
  t.throws(() => genl.open(nlctrl), { code: 'ERR_NETLINK_CLOSED' });
  t.throws(() => genl.monitor(), { code: 'ERR_NETLINK_CLOSED' });
});

const modprobe = (...args: string[]): void =>
  void outputOf('modprobe', '--dirname', '/run/kernel', ...args);

needs('psample')('genl: families and groups are announced as they come and go', async (t) => {
  using genl = openGenl();
  using connection = genl.open(nlctrl);
  const all = genl.monitor();
  const notify = connection.monitor(['notify']);
  t.teardown(() => (all.close(), notify.close()));
  // Whatever another test left. The action `sample` of traffic control holds the module.
  program('modprobe', '--dirname', '/run/kernel', '-r', 'act_sample', 'psample');
  modprobe('psample');
  const { id } = genl.families.get('psample');
  modprobe('-r', 'psample');
  const seen: string[] = [];
  const word = (event: FamilyEvent): string => {
    if (event.type === 'families') return `${event.action} ${event.value.name} ${event.value.id}`;
    if (event.type === 'groups') return `${event.action} ${event.family}/${event.value.name}`;
    return event.type;
  };
  for await (const event of all) {
    seen.push(word(event));
    if (seen.at(-1) === `del psample ${id}`) break;
  }
  const ours = seen.slice(seen.indexOf(`new psample ${id}`));
  t.deepEqual(
    [...ours].sort(),
    [
      `new psample ${id}`,
      'new psample/config',
      'new psample/packets',
      'del psample/config',
      'del psample/packets',
      `del psample ${id}`,
    ].sort(),
  );
  for await (const event of notify) {
    if (event.type !== 'message' || event.value.attrs.familyName !== 'psample') continue;
    t.regex(String(event.value.cmd), /^CTRL_CMD_(NEW|DEL)(FAMILY|MCAST_GRP)$/);
    break;
  }
});
