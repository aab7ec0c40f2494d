/** What the reference's own tests of `static` assert, for every version of the specification. */
import test from 'ava';
import { SUPPORTED_VERSIONS } from '../../../src/cni/version.ts';
import { staticPlugin } from '../../../src/plugins/static/commands.ts';
import { call, type Answer } from '../cni/call.ts';

const base = (cniVersion: string, ipam?: object, more: object = {}): object => ({
  cniVersion,
  name: 'mynet',
  type: 'ipvlan',
  ...(ipam === undefined ? {} : { ipam: { type: 'static', ...ipam } }),
  ...more,
});
const addresses = [
  { address: '10.10.0.1/24', gateway: '10.10.0.254' },
  { address: '3ffe:ffff:0:01ff::1/64', gateway: '3ffe:ffff:0::1' },
];
const routes = [
  { dst: '0.0.0.0/0' },
  { dst: '192.168.0.0/16', gw: '10.10.5.1' },
  { dst: '3ffe:ffff:0:01ff::1/64' },
];

/** Addresses and gateways of a result of any version. */
function ips({ json }: Answer): unknown[] {
  if ('ips' in json) {
    return (json['ips'] as Record<string, unknown>[]).map(({ address, gateway }) => ({
      address,
      gateway,
    }));
  }
  const blocks = [json['ip4'], json['ip6']].filter((block) => block !== undefined);
  return (blocks as Record<string, unknown>[]).map(({ ip, gateway }) => ({ address: ip, gateway }));
}

const isOld = (version: string): boolean => version === '0.1.0' || version === '0.2.0';

for (const version of SUPPORTED_VERSIONS) {
  test(`static ${version}: two families with gateways, and the routes in their order`, (t) => {
    const answer = call(
      staticPlugin,
      'ADD',
      base(version, { addresses, routes, dns: { domain: 'd' } }),
    );
    t.is(answer.code, 0);
    t.is(answer.json['cniVersion'], version);
    t.deepEqual(ips(answer), [
      { address: '10.10.0.1/24', gateway: '10.10.0.254' },
      { address: '3ffe:ffff:0:1ff::1/64', gateway: '3ffe:ffff::1' },
    ]);
    t.is(answer.stdout.includes('"version":'), version.startsWith('0.3') || version === '0.4.0');
    t.deepEqual(answer.json['dns'], { domain: 'd' });
    if (!isOld(version)) {
      t.deepEqual(answer.json['routes'], [
        { dst: '0.0.0.0/0' },
        { dst: '192.168.0.0/16', gw: '10.10.5.1' },
        { dst: '3ffe:ffff:0:1ff::1/64' },
      ]);
    }
    t.like(call(staticPlugin, 'DEL', base(version, { addresses })), { code: 0, stdout: '' });
  });

  test(`static ${version}: DEL of an unknown id succeeds`, (t) => {
    t.like(call(staticPlugin, 'DEL', base(version, {}), { CNI_CONTAINERID: 'unknown' }), {
      code: 0,
      stdout: '',
    });
    t.like(call(staticPlugin, 'DEL', base(version), { CNI_ARGS: 'broken' }), {
      code: 0,
      stdout: '',
    });
  });

  test(`static ${version}: address and gateway from CNI_ARGS`, (t) => {
    const args = 'IP=10.10.0.1/24;GATEWAY=10.10.0.254';
    const answer = call(staticPlugin, 'ADD', base(version, { routes }), { CNI_ARGS: args });
    t.deepEqual(ips(answer), [{ address: '10.10.0.1/24', gateway: '10.10.0.254' }]);
  });

  test(`static ${version}: two addresses from CNI_ARGS, of which one gets the gateway`, (t) => {
    const args = 'IP=10.10.0.1/24,11.11.0.1/24;GATEWAY=10.10.0.254';
    const answer = call(staticPlugin, 'ADD', base(version, { routes }), { CNI_ARGS: args });
    if (isOld(version)) {
      t.like(answer, {
        code: 1,
        json: {
          code: 7,
          msg: `CNI version ${version} does not support more than 1 address per family`,
        },
      });
    } else {
      t.deepEqual(ips(answer), [
        { address: '10.10.0.1/24', gateway: '10.10.0.254' },
        { address: '11.11.0.1/24', gateway: undefined },
      ]);
    }
  });

  test(`static ${version}: the addresses of runtimeConfig win over args, those over the others`, (t) => {
    const cni = { args: { cni: { ips: ['10.10.0.2/24'] } } };
    const runtime = { RuntimeConfig: { ips: ['10.10.0.3/24', '3ffe:ffff:0:01ff::3/64'] } };
    const env = { CNI_ARGS: 'IP=10.10.0.4/24' };
    const address = (answer: Answer): unknown => (ips(answer)[0] as { address: string }).address;
    t.is(address(call(staticPlugin, 'ADD', base(version, { addresses }, cni))), '10.10.0.2/24');
    t.is(address(call(staticPlugin, 'ADD', base(version, { addresses }, runtime))), '10.10.0.3/24');
    t.is(
      address(call(staticPlugin, 'ADD', base(version, {}, { ...cni, ...runtime }), env)),
      '10.10.0.3/24',
    );
  });
}

const refused = test.macro({
  exec(t, config: object, env: object, code: number, msg: string) {
    t.like(call(staticPlugin, 'ADD', config, env), { code: 1, json: { code, msg } });
  },
  title: (given) => `static: ${given}`,
});

const MISSING = "IPAM config missing 'ipam' key";
test('without ipam nothing helps', refused, base('1.1.0'), {}, 7, MISSING);
test(
  'without ipam CNI_ARGS do not help',
  refused,
  base('1.1.0'),
  { CNI_ARGS: 'IP=10.10.0.1/24' },
  7,
  MISSING,
);
test(
  'without ipam runtimeConfig does not help',
  refused,
  base('1.1.0', undefined, { runtimeConfig: { ips: ['10.10.0.1/24'] } }),
  {},
  7,
  MISSING,
);
test(
  'an address that is no CIDR',
  refused,
  base('1.1.0', { addresses: [{ address: '10.10.0.1' }] }),
  {},
  7,
  "the 'address' field is expected to be in CIDR notation, got: '10.10.0.1'",
);
test(
  'an address in CNI_ARGS that is no CIDR',
  refused,
  base('1.1.0', {}),
  { CNI_ARGS: 'IP=10.10.0.1' },
  4,
  "the 'ip' field is expected to be in CIDR notation, got: '10.10.0.1'",
);
test(
  'an address in args that is no CIDR',
  refused,
  base('1.1.0', {}, { args: { cni: { ips: ['10.10.0.1'] } } }),
  {},
  7,
  "an entry in the 'ips' field is NOT in CIDR notation, got: '10.10.0.1'",
);
test(
  'an address in RuntimeConfig that is no CIDR',
  refused,
  base('1.1.0', {}, { RuntimeConfig: { ips: ['10.10.0.1'] } }),
  {},
  7,
  "an entry in the 'ips' field is NOT in CIDR notation, got: '10.10.0.1'",
);
test(
  'no address at all cannot be expressed in 0.2.0',
  refused,
  base('0.2.0', {}),
  {},
  1,
  'cannot convert: no valid IP addresses',
);

test('static: no address at all is fine from 0.3.0 on', (t) => {
  t.like(call(staticPlugin, 'ADD', base('1.1.0', {})), { code: 0, json: { cniVersion: '1.1.0' } });
});

test('static: two default routes with different gateways are both kept', (t) => {
  const two = [
    { dst: '0.0.0.0/0', gw: '10.10.0.1' },
    { dst: '0.0.0.0/0', gw: '10.10.0.2' },
  ];
  t.deepEqual(
    call(staticPlugin, 'ADD', base('1.1.0', { addresses, routes: two })).json['routes'],
    two,
  );
});

test('static: CHECK compares gateways of addresses that the previous result has, and needs one', (t) => {
  const check = (prevResult?: object): Answer =>
    call(
      staticPlugin,
      'CHECK',
      base('1.1.0', { addresses }, prevResult === undefined ? {} : { prevResult }),
    );
  t.like(check(), { code: 1, json: { msg: 'Required prevResult missing' } });
  t.is(check({}).code, 0);
  t.is(check({ ips: [{ address: '10.10.0.1/8', gateway: '10.10.0.254' }] }).code, 0);
  t.like(check({ ips: [{ address: '10.10.0.1/24', gateway: '10.10.0.1' }] }), {
    code: 1,
    json: { msg: 'static: Failed to match addr 10.10.0.1 on interface eth0' },
  });
  t.is(check({ ips: [{ address: '10.10.0.7/24', gateway: '10.10.0.1' }] }).code, 0);
});

for (const [what, ipam, msg] of [
  ['a route that cannot be read', { routes: [{ dst: 'x' }] }, 'invalid CIDR address: x'],
  ['a route without a destination', { routes: [{ gw: '10.10.0.1' }] }, 'invalid CIDR address: '],
  ['a route that is null', { routes: [null] }, 'ipam.routes[0]: expected an object, got null'],
  [
    'a name server that is null',
    { dns: { nameservers: [null] } },
    'ipam.dns.nameservers[0]: expected a string, got null',
  ],
  ['a gateway of a route', { routes: [{ dst: '::/0', gw: 'y' }] }, 'invalid IP address: y'],
] as const) {
  test(`static: ADD, CHECK and STATUS refuse ${what}`, (t) => {
    const prevResult = { ips: [{ address: '10.10.0.7/24' }] };
    for (const command of ['ADD', 'CHECK', 'STATUS']) {
      const answer = call(
        staticPlugin,
        command,
        base('1.1.0', { addresses, ...ipam }, { prevResult }),
      );
      t.like(answer, { code: 1, json: { code: 7, msg } }, command);
    }
  });
}

test('static: STATUS and GC succeed silently', (t) => {
  for (const command of ['STATUS', 'GC']) {
    t.like(call(staticPlugin, command, base('1.1.0', {})), { code: 0, stdout: '', stderr: '' });
  }
});

test('static: STATUS refuses what ADD refuses', (t) => {
  const config = base('1.1.0', { addresses: [{ address: 'x' }] });
  const [added, status] = ['ADD', 'STATUS'].map((command) => call(staticPlugin, command, config));
  t.is(status!.json['code'], 7);
  t.deepEqual(status!.json, added!.json);
});
