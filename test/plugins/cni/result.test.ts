/**
 * Result shapes; the expected texts are those of the reference, byte for byte (see also
 * reference.test.ts).
 */
import test from 'ava';
import { parseJson } from '../../../src/cni/json-text.ts';
import { convertResult, formatResult, requireAddressesFor } from '../../../src/cni/result-text.ts';
import { addressesOf, readResult, resultAfter, type Result } from '../../../src/cni/result.ts';
import { SUPPORTED_VERSIONS } from '../../../src/cni/version.ts';

const read = (version: string, text: string): Result =>
  readResult(version, parseJson(new TextEncoder().encode(text)));

const full: Result = {
  interfaces: [
    {
      name: 'eth0',
      mac: '00:11:22:33:44:55',
      mtu: 1500,
      sandbox: '/proc/3553/ns/net',
      socketPath: '/a<b',
      pciID: '8086:9a01',
    },
  ],
  ips: [
    { interface: 0, address: '1.2.3.30/24', gateway: '1.2.3.1' },
    { address: 'abcd:1234:ffff::cdde/64', gateway: 'abcd:1234:ffff::1' },
  ],
  routes: [
    {
      dst: '15.5.6.0/24',
      gw: '15.5.6.8',
      mtu: 1400,
      advmss: 1360,
      priority: 7,
      table: 0,
      scope: 253,
    },
    { dst: '1111:dddd::/80', gw: '1111:dddd::aaaa' },
  ],
  dns: {
    nameservers: ['1.2.3.4', '1::cafe'],
    domain: 'acompany.com',
    search: ['somedomain.com'],
    options: ['foo', 'bar'],
  },
};

test('result: 1.1.0 is printed with sorted keys and all members', (t) => {
  t.is(
    formatResult(full, '1.1.0'),
    `{
    "cniVersion": "1.1.0",
    "dns": {
        "domain": "acompany.com",
        "nameservers": [
            "1.2.3.4",
            "1::cafe"
        ],
        "options": [
            "foo",
            "bar"
        ],
        "search": [
            "somedomain.com"
        ]
    },
    "interfaces": [
        {
            "mac": "00:11:22:33:44:55",
            "mtu": 1500,
            "name": "eth0",
            "pciID": "8086:9a01",
            "sandbox": "/proc/3553/ns/net",
            "socketPath": "/a\\u003cb"
        }
    ],
    "ips": [
        {
            "address": "1.2.3.30/24",
            "gateway": "1.2.3.1",
            "interface": 0
        },
        {
            "address": "abcd:1234:ffff::cdde/64",
            "gateway": "abcd:1234:ffff::1"
        }
    ],
    "routes": [
        {
            "advmss": 1360,
            "dst": "15.5.6.0/24",
            "gw": "15.5.6.8",
            "mtu": 1400,
            "priority": 7,
            "scope": 253,
            "table": 0
        },
        {
            "dst": "1111:dddd::/80",
            "gw": "1111:dddd::aaaa"
        }
    ]
}`,
  );
});

test('result: 0.4.0 has a version beside each address, dns always, and no newer interface members', (t) => {
  t.is(
    formatResult({ ...full, dns: {} }, '0.4.0'),
    `{
    "cniVersion": "0.4.0",
    "interfaces": [
        {
            "name": "eth0",
            "mac": "00:11:22:33:44:55",
            "sandbox": "/proc/3553/ns/net"
        }
    ],
    "ips": [
        {
            "version": "4",
            "interface": 0,
            "address": "1.2.3.30/24",
            "gateway": "1.2.3.1"
        },
        {
            "version": "6",
            "address": "abcd:1234:ffff::cdde/64",
            "gateway": "abcd:1234:ffff::1"
        }
    ],
    "routes": [
        {
            "dst": "15.5.6.0/24",
            "gw": "15.5.6.8",
            "mtu": 1400,
            "advmss": 1360,
            "priority": 7,
            "table": 0,
            "scope": 253
        },
        {
            "dst": "1111:dddd::/80",
            "gw": "1111:dddd::aaaa"
        }
    ],
    "dns": {}
}`,
  );
});

test('result: 0.2.0 has the first address of each family with the routes of that family', (t) => {
  const more = [...full.ips!, { address: '9.9.9.9/8' }];
  t.is(
    formatResult({ ...full, ips: more }, '0.2.0'),
    `{
    "cniVersion": "0.2.0",
    "ip4": {
        "ip": "1.2.3.30/24",
        "gateway": "1.2.3.1",
        "routes": [
            {
                "dst": "15.5.6.0/24",
                "gw": "15.5.6.8"
            }
        ]
    },
    "ip6": {
        "ip": "abcd:1234:ffff::cdde/64",
        "gateway": "abcd:1234:ffff::1",
        "routes": [
            {
                "dst": "1111:dddd::/80",
                "gw": "1111:dddd::aaaa"
            }
        ]
    },
    "dns": {
        "nameservers": [
            "1.2.3.4",
            "1::cafe"
        ],
        "domain": "acompany.com",
        "search": [
            "somedomain.com"
        ],
        "options": [
            "foo",
            "bar"
        ]
    }
}`,
  );
});

test('result: a route whose family has no address is dropped from the old shape', (t) => {
  const result = { ips: [{ address: '1.2.3.4/24' }], routes: full.routes! };
  t.false('ip6' in convertResult(result, '0.1.0'));
});

test('result: empty members are left out, and 1.x leaves out an empty dns', (t) => {
  t.deepEqual(
    convertResult(
      { interfaces: [{ name: '' }], ips: [], routes: [], dns: { domain: '', search: [] } },
      '1.0.0',
    ),
    {
      cniVersion: '1.0.0',
      interfaces: [{ name: '' }],
    },
  );
});

test('result: no version is 0.1.0, and an unknown one has no converter', (t) => {
  t.like(convertResult({ ips: full.ips! }, ''), { cniVersion: '0.1.0' });
  t.like(
    t.throws(() => convertResult(full, '0.9.0')),
    {
      code: 1,
      msg: 'no converter for CNI result version 1.1.0 to 0.9.0',
    },
  );
});

test('result: without addresses it cannot be expressed in 0.1.0 and 0.2.0, which can be asked beforehand', (t) => {
  const layer2 = { interfaces: full.interfaces! };
  for (const version of SUPPORTED_VERSIONS) {
    const old = version === '0.1.0' || version === '0.2.0';
    if (old) {
      t.like(
        t.throws(() => requireAddressesFor(version, layer2)),
        { msg: 'cannot convert: no valid IP addresses' },
      );
      t.like(
        t.throws(() => formatResult(layer2, version)),
        { msg: 'cannot convert: no valid IP addresses' },
      );
    } else {
      t.notThrows(() => requireAddressesFor(version, layer2));
      t.notThrows(() => formatResult(layer2, version));
    }
  }
});

test('result: every version reads what it printed', (t) => {
  for (const version of SUPPORTED_VERSIONS) {
    const printed = formatResult(full, version);
    t.is(formatResult(read(version, printed), version), printed);
  }
});

test('result: 1.1.0 to 1.0.0 and back loses nothing', (t) => {
  t.deepEqual(
    read('1.0.0', formatResult(read('1.1.0', formatResult(full, '1.1.0')), '1.0.0')),
    full,
  );
});

for (const gw of ['', ',"gw":"15.5.6.8"']) {
  test(`result: 0.2.0 to 0.4.0 and back loses nothing${gw && ', route gateways included'}`, (t) => {
    const block = (ip: string, dst: string, via: string): string =>
      `{"ip":"${ip}","gateway":"1.2.3.1","routes":[{"dst":"${dst}"${via}}]}`;
    const v6 = gw && ',"gw":"1111:dddd::aaaa"';
    const text = `{"cniVersion":"0.2.0","ip4":${block('1.2.3.30/24', '15.5.6.0/24', gw)},"ip6":${block('abcd::1/64', '1111:dddd::/80', v6)},"dns":{"domain":"a"}}`;
    const original = read('0.2.0', text);
    const there = read('0.4.0', formatResult(original, '0.4.0'));
    t.deepEqual(JSON.parse(formatResult(there, '0.2.0')), JSON.parse(text));
  });
}

test('result: reading as "" is reading as 0.1.0', (t) => {
  t.deepEqual(read('', '{"ip4":{"ip":"1.2.3.4/24"}}'), {
    ips: [{ address: '1.2.3.4/24' }],
    routes: [],
  });
  t.deepEqual(read('', '{"cniVersion":"","ip6":{"ip":"::1/64"}}').ips, [{ address: '::1/64' }]);
});

test('result: interface 0 survives, and a missing one stays missing', (t) => {
  const text = formatResult(full, '1.0.0');
  t.deepEqual(read('1.0.0', text).ips, full.ips);
  t.notRegex(formatResult({ ips: [full.ips![1]!] }, '1.0.0'), /interface/);
});

test('result: the reader of 1.x ignores the version of an address', (t) => {
  t.deepEqual(read('1.0.0', '{"ips":[{"version":"9","address":"1.2.3.4/24"}]}').ips, [
    { address: '1.2.3.4/24' },
  ]);
});

const refused = test.macro({
  exec(t, text: string, code: number, msg: string) {
    t.like(
      t.throws(() => read('1.1.0', text)),
      { code, msg },
    );
  },
  title: (_given, text: string) => `result: ${text} is refused`,
});

test(refused, '{"ips":[{"address":"blah"}]}', 6, 'ips[0].address: invalid CIDR address: blah');
test(
  refused,
  '{"ips":[{"address":{}}]}',
  6,
  'ips[0].address is an object ({}), a string is expected',
);
test(refused, '{"ips":[{}]}', 6, 'ips[0].address: missing');
test(
  refused,
  '{"routes":[{"dst":"1.1.1.0/24","gw":"blah"}]}',
  6,
  'routes[0].gw: invalid IP address: blah',
);
test(refused, '{"routes":[{"gw":"1.1.1.1"}]}', 6, 'routes[0].dst: missing');
test(refused, '[]', 6, 'the result is not a JSON object');

test('result: what the plugins before have made stays in it, with the index of each interface', (t) => {
  const interfaces = [{ name: 'tap0' }, { name: 'lo', sandbox: '/n' }];
  const previous = {
    interfaces,
    ips: [{ address: '127.0.0.1/8', interface: 1 }, { address: '192.0.2.1/24' }],
    routes: [{ dst: '192.0.2.0/24' }],
    dns: { nameservers: ['192.0.2.53'] },
  };
  const own = {
    interfaces: [{ name: 'eth0', sandbox: '/n' }],
    ips: [{ address: '10.1.0.2/16', interface: 0 }, { address: '10.2.0.2/16' }],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  t.is(resultAfter(undefined, own), own);
  t.deepEqual(resultAfter(previous, own), {
    interfaces: [...interfaces, { name: 'eth0', sandbox: '/n' }],
    ips: [{ address: '10.1.0.2/16', interface: 2 }, { address: '10.2.0.2/16' }, ...previous.ips],
    routes: [{ dst: '0.0.0.0/0' }, { dst: '192.0.2.0/24' }],
    dns: previous.dns,
  });
  const dns = { domain: 'example.org' };
  t.is(resultAfter(previous, { ...own, dns }).dns, dns);
  t.deepEqual(resultAfter({}, own), own);
  const oldest = convertResult(resultAfter({ ips: [{ address: '192.0.2.9/24' }] }, own), '0.2.0');
  t.like(oldest, { ip4: { ip: '10.1.0.2/16' } });
});

test('result: the addresses of an interface are its own, or else those of no particular one', (t) => {
  const result: Result = {
    interfaces: [{ name: 'lo', sandbox: '/n' }, { name: 'eth0' }, { name: 'eth0', sandbox: '/n' }],
    ips: [
      { address: '127.0.0.1/8', interface: 0 },
      { address: '192.0.2.9/24' },
      { address: '10.1.0.2/16', interface: 2 },
      { address: '10.1.0.3/16', interface: 7 },
    ],
  };
  const of = (isOwn: (entry: { name: string; sandbox?: string }) => boolean): string[] =>
    addressesOf(result, isOwn).map(({ address }) => address);
  t.deepEqual(
    of(({ name, sandbox }) => name === 'eth0' && sandbox === '/n'),
    ['10.1.0.2/16'],
  );
  t.deepEqual(
    of(({ name }) => name === 'net1'),
    ['192.0.2.9/24'],
  );
  t.deepEqual(
    addressesOf({}, () => true),
    [],
  );
});
