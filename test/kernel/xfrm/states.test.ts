/** States and policies of IPsec beside `ip xfrm`: what one of them sets, the other one shows. */
import type { ExecutionContext } from 'ava';
import { NetlinkError } from '../../../src/errors.ts';
import {
  openXfrm,
  type PolicyObject,
  type StateObject,
  type StateSpec,
} from '../../../src/xfrm/index.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const test = needs('xfrm-esp');

function setUp(t: ExecutionContext) {
  const ns = freshNamespace(t);
  const xfrm = openXfrm({ netns: ns.path });
  t.teardown(() => xfrm.close());
  return { ns, xfrm };
}

const KEY = '000102030405060708090a0b0c0d0e0f';
const ID = { src: '192.0.2.1', dst: '192.0.2.2', proto: 'esp', spi: 0x1000 } as const;
const AEAD = { name: 'rfc4106(gcm(aes))', key: `${KEY}10111213`, icvLen: 128 };
const STATES: readonly StateSpec[] = [
  { ...ID, mode: 'tunnel', reqid: 7, aead: AEAD },
  {
    src: '2001:db8::1',
    dst: '2001:db8::2',
    proto: 'esp',
    spi: 0xc0000000,
    flags: ['nopmtudisc', 'af-unspec'],
    replayWindow: 32,
    mark: { v: 3, m: 15 },
    enc: { name: 'cbc(aes)', key: `0x${KEY}` },
    authTrunc: { name: 'hmac(sha256)', key: KEY + KEY, truncLen: 128 },
    ifId: 9,
    sel: { src: '2001:db8:1::/48', dst: '2001:db8:2::/48' },
    lft: { hardAddExpiresSeconds: 3600, softByteLimit: 1000 },
  },
];

/** A state in the words of `ip xfrm state`. */
function stateWords(state: StateObject): string[] {
  const { src, dst, proto, spi, reqid, mode, aead, enc, authTrunc, mark, ifId, sel } = state;
  return [
    `src ${src} dst ${dst}`,
    `proto ${proto} spi 0x${spi.toString(16).padStart(8, '0')} reqid ${reqid} mode ${mode}`,
    ...(mark ? [`mark 0x${mark.v.toString(16)}/0x${mark.m.toString(16)}`] : []),
    ...(authTrunc ? [`auth-trunc ${authTrunc.name} 0x${authTrunc.key} ${authTrunc.truncLen}`] : []),
    ...(enc ? [`enc ${enc.name} 0x${enc.key}`] : []),
    ...(aead ? [`aead ${aead.name} 0x${aead.key} ${aead.icvLen}`] : []),
    ...(ifId === undefined ? [] : [`if_id 0x${ifId.toString(16)}`]),
    `sel src ${sel.src} dst ${sel.dst}`,
  ];
}

const linesOf = (text: string): string[] => text.split('\n').map((line) => line.trim());

function assertShown(t: ExecutionContext, ns: Namespace, states: readonly StateObject[]): void {
  const printed = linesOf(ns.exec('ip', 'xfrm', 'state'));
  for (const word of states.flatMap(stateWords)) t.true(printed.includes(word), word);
  t.is(printed.filter((line) => line.startsWith('proto ')).length, states.length);
}

test('xfrm: ip shows the states that are added, and those of ip are read', (t) => {
  const { ns, xfrm } = setUp(t);
  for (const spec of STATES) xfrm.states.add(spec);
  assertShown(t, ns, xfrm.states.list());
  const [one] = xfrm.states.list({ dst: '192.0.2.2' });
  t.deepEqual(one, xfrm.states.get(ID));
  t.is(one?.aead?.key, AEAD.key);
  t.deepEqual(xfrm.states.list({ proto: 'ah' }), []);
  const six = xfrm.states.list({ src: '2001:db8::1' });
  t.deepEqual(
    six.map(({ lft }) => lft),
    [{ softByteLimit: 1000n, hardAddExpiresSeconds: 3600n }],
  );
  t.is(xfrm.info().states.cnt, 2);

  xfrm.states.delete(ID);
  t.is(xfrm.states.find(ID), undefined);
  t.is(t.throws(() => xfrm.states.delete(ID), { instanceOf: NetlinkError })?.code, 'ESRCH');
  ns.exec('ip', 'xfrm', 'state', 'flush');
  t.deepEqual(xfrm.states.list(), []);
  for (const args of [
    `${'src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1000'} mode transport enc cbc(aes) 0x${KEY} auth hmac(sha256) 0x${KEY}${KEY}`,
    'src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x2000 mode beet aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f10111213 96',
  ]) {
    ns.exec('ip', 'xfrm', 'state', 'add', ...args.split(' '));
  }
  assertShown(t, ns, xfrm.states.list());
  // What a list returns can be given to add.
  const all = xfrm.states.list();
  xfrm.states.flush('esp');
  for (const state of all) xfrm.states.add(state as StateSpec);
  assertShown(t, ns, xfrm.states.list());
});

test('xfrm: an SPI is allocated, and completed by its keys', (t) => {
  const { ns, xfrm } = setUp(t);
  const { src, dst, proto } = ID;
  const { spi } = xfrm.states.allocSpi({ src, dst, proto, min: 0x500, max: 0x500 });
  t.is(spi, 0x500);
  t.is(
    t.throws(() => xfrm.states.allocSpi({ src, dst, proto, min: 0x500, max: 0x500 }), {
      instanceOf: NetlinkError,
    })?.code,
    'ENOENT',
  );
  xfrm.states.replace({ ...ID, spi, aead: AEAD });
  assertShown(t, ns, xfrm.states.list());
});

const POLICY = {
  dir: 'out',
  sel: { src: '10.0.0.0/8', dst: '10.1.0.0/16' },
} as const;

/** A policy in the words of `ip xfrm policy`. */
const policyWords = ({ sel, dir, priority, ptype, tmpl, action }: PolicyObject): string[] => [
  `src ${sel.src} dst ${sel.dst}${sel.proto === undefined ? '' : ` proto ${sel.proto}`}${sel.dport === undefined ? '' : ` dport ${sel.dport}`}`,
  `dir ${dir}${action === 'block' ? ' action block' : ''} priority ${priority} ptype ${ptype}`,
  ...tmpl.flatMap(({ src, dst, proto, reqid, mode }) => [
    `tmpl src ${src} dst ${dst}`,
    `proto ${proto} reqid ${reqid} mode ${mode}`,
  ]),
];

test('xfrm: ip shows the policies that are added, and those of ip are read', (t) => {
  const { ns, xfrm } = setUp(t);
  const tmpl = [
    { src: '192.0.2.1', dst: '192.0.2.2', proto: 'esp', reqid: 7, mode: 'tunnel' },
  ] as const;
  xfrm.policies.add({ ...POLICY, priority: 10, tmpl });
  xfrm.policies.add({
    dir: 'in',
    sel: { src: '2001:db8::/32', proto: 'udp', dport: 53 },
    action: 'block',
  });
  const shown = (): void => {
    const printed = linesOf(ns.exec('ip', 'xfrm', 'policy', 'list', 'nosock'));
    const all = xfrm.policies.list();
    for (const word of all.flatMap(policyWords)) t.true(printed.includes(word), word);
    t.is(printed.filter((line) => line.startsWith('dir ')).length, all.length);
  };
  shown();
  const found = xfrm.policies.get(POLICY);
  t.deepEqual(xfrm.policies.get({ dir: 'out', index: found.index }), found);
  t.deepEqual(xfrm.policies.list({ dir: 'out' }), [found]);
  xfrm.policies.replace({ ...POLICY, priority: 10, action: 'block' });
  shown();
  xfrm.policies.delete(POLICY);
  t.is(xfrm.policies.find(POLICY), undefined);
  ns.exec('ip', 'xfrm', 'policy', 'flush');
  t.deepEqual(xfrm.policies.list(), []);
  const words =
    'dir fwd src 10.0.0.0/8 dst 10.1.0.0/16 tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 7 mode tunnel';
  ns.exec('ip', 'xfrm', 'policy', 'add', ...words.split(' '));
  shown();
  xfrm.policies.setDefault({ in: 'block' });
  t.deepEqual(xfrm.policies.getDefault(), { in: 'block', fwd: 'accept', out: 'accept' });
  t.regex(ns.exec('ip', 'xfrm', 'policy', 'getdefault'), /in:\s+block/);
});

test('xfrm: the monitor tells what ip does', async (t) => {
  const { ns, xfrm } = setUp(t);
  const events = xfrm.monitor();
  const id = 'src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1000';
  const ip = (command: string): string => ns.exec('ip', ...command.split(' '));
  ip(`xfrm state add ${id} aead rfc4106(gcm(aes)) 0x${AEAD.key} 128`);
  ip(`xfrm state delete ${id}`);
  ip('xfrm policy add dir out src 10.0.0.0/8 dst 10.1.0.0/16');
  ip('xfrm policy delete dir out src 10.0.0.0/8 dst 10.1.0.0/16');
  const told: string[] = [];
  for await (const event of events) {
    if (!('value' in event)) continue;
    const { value } = event;
    const what = event.type === 'states' ? event.value.dst : 'sel' in value ? value.sel : '';
    told.push(`${event.type} ${event.action} ${JSON.stringify(what)}`);
    if (told.length === 4) break;
  }
  const sel = JSON.stringify(POLICY.sel);
  t.deepEqual(told, [
    'states new "192.0.2.2"',
    'states del "192.0.2.2"',
    `policies new ${sel}`,
    `policies del ${sel}`,
  ]);
});

test('xfrm: a packet without a state makes the kernel ask for one', async (t) => {
  const { ns, xfrm } = setUp(t);
  for (const command of [
    'link add v0 type veth peer name v1',
    'link set v0 up',
    'link set v1 up',
    'addr add 10.0.0.1/8 dev v0',
    'route add 10.1.0.0/16 dev v0',
  ]) {
    ns.exec('ip', ...command.split(' '));
  }
  const tmpl = [
    { src: '192.0.2.1', dst: '192.0.2.2', proto: 'esp', reqid: 7, mode: 'tunnel' },
  ] as const;
  xfrm.policies.add({ ...POLICY, tmpl });
  const events = xfrm.monitor();
  ns.exec('bash', '-c', 'echo x >/dev/udp/10.1.0.1/9 || true');
  for await (const event of events) {
    if (event.type !== 'acquire') continue;
    const { src, dst, proto, sel } = event.value;
    t.deepEqual([src, dst, proto], ['192.0.2.1', '192.0.2.2', 'esp']);
    t.is(sel.dst, '10.1.0.1/32');
    break;
  }
});

test('xfrm: mistakes are refused before anything is sent', (t) => {
  const { xfrm } = setUp(t);
  const aead = { ...AEAD, key: 'secret' };
  const error = t.throws(() => xfrm.states.add({ ...ID, aead }));
  t.is(error?.name, 'CodecError');
  t.regex(error!.message, /the key of rfc4106\(gcm\(aes\)\) is not hexadecimal text/);
  t.notRegex(error!.message, /secret/);
  t.throws(() => xfrm.states.add({ ...ID, dst: 'there', aead: AEAD }), {
    message: /XFRM_MSG_NEWSA.*id.*daddr.*"there" is not an IP address/s,
  });
  t.throws(
    () => xfrm.policies.add({ dir: 'out', sel: { src: '10.0.0.0/8', dst: '2001:db8::/32' } }),
    { message: /of different families/ },
  );
  t.throws(() => xfrm.policies.get({ dir: 'out' } as never), {
    message: /identified by sel or index/,
  });
});
