import test from 'ava';
import {
  commonProperties,
  decodeConfig,
  parseNetworkConfig,
  parsePrevResult,
  prevResultWithoutRoutes,
  requireContainerId,
  requireInterfaceName,
  requireNetworkName,
  requirePrevResult,
  validAttachments,
  type NetworkConfig,
} from '../../../src/cni/config.ts';
import { CniError } from '../../../src/cni/errors.ts';
import { integer, object } from '../../../src/cni/schema.ts';

const read = (text: string): NetworkConfig => parseNetworkConfig(new TextEncoder().encode(text));

test('config: name and version are read; no version, null and "" are 0.1.0', (t) => {
  t.like(read('{"name":"n","cniVersion":"0.4.0"}'), { name: 'n', cniVersion: '0.4.0' });
  t.is(read('{"NAME":"n"}').cniVersion, '0.1.0');
  t.is(read('{"name":"n","cniVersion":null}').cniVersion, '0.1.0');
  t.is(read('{"name":"n","cniVersion":""}').cniVersion, '0.1.0');
});

const refused = test.macro({
  exec(t, text: string, code: number, msg: string, details: string) {
    t.like(
      t.throws(() => read(text), { instanceOf: CniError }),
      { code, msg, details },
    );
  },
  title: (_given, text: string) => `config: ${JSON.stringify(text)} is refused`,
});

const UNMARSHAL = 'error unmarshall network config: ';
test(refused, '', 6, `${UNMARSHAL}unexpected end of JSON input`, 'line 1, column 1');
test(
  refused,
  '{"name":"n"}{',
  6,
  `${UNMARSHAL}invalid character '{' after top-level value`,
  'line 1, column 13',
);
test(refused, '[]', 6, `${UNMARSHAL}the document is not a JSON object`, '');
test(refused, '{"name":1}', 6, `${UNMARSHAL}name is a number (1), a string is expected`, '');
test(refused, 'null', 7, 'missing network name', '');
test(refused, '{}', 7, 'missing network name', '');
test(refused, '{"name":""}', 7, 'missing network name', '');
test(refused, '{"name":"a b"}', 7, 'invalid characters found in network name', 'a b');
test(refused, '{"name":"-a"}', 7, 'invalid characters found in network name', '-a');
test(
  refused,
  '{"name":"n","cniVersion":1}',
  6,
  'decoding version from network config: cniVersion is a number (1), a string is expected',
  '',
);

test('names: container ids and network names', (t) => {
  t.notThrows(() => requireContainerId('1234-a_b.c'));
  t.like(
    t.throws(() => requireContainerId('1234%%%')),
    { code: 4, msg: 'invalid characters in containerID', details: '1234%%%' },
  );
  t.throws(() => requireContainerId('_a'));
  t.throws(() => requireContainerId('a\n'));
  t.notThrows(() => requireNetworkName('eth-0.net_1'));
  t.like(
    t.throws(() => requireNetworkName('1234%%%')),
    { code: 7, details: '1234%%%' },
  );
});

const interfaceName = test.macro({
  exec(t, name: string, msg: string | undefined, details: string) {
    if (msg === undefined) t.notThrows(() => requireInterfaceName(name, 'ADD'));
    else
      t.like(
        t.throws(() => requireInterfaceName(name, 'ADD')),
        { code: 4, msg, details },
      );
  },
  title: (_given, name: string, msg: string | undefined) =>
    `names: the interface name ${JSON.stringify(name)} is ${msg === undefined ? 'fine' : 'refused'}`,
});

const LONG = 'interface name is too long';
const LONG_DETAILS = 'interface name should be less than 16 characters';
const CHARACTERS = 'interface name contains / or : or whitespace characters';
test(interfaceName, 'eth0', undefined, '');
test(interfaceName, 'abcdefghijklmno', undefined, '');
test(interfaceName, 'abcdefghijklmnop', LONG, LONG_DETAILS);
test(interfaceName, 'éééééééé', LONG, LONG_DETAILS);
test(interfaceName, '', 'interface name is empty', '');
test(interfaceName, '.', 'interface name is . or ..', '');
test(interfaceName, '..', 'interface name is . or ..', '');
test(interfaceName, '...', undefined, '');
test(interfaceName, '/testmybad', CHARACTERS, '');
test(interfaceName, 'a:b', CHARACTERS, '');
test(interfaceName, 'test1 ', CHARACTERS, '');
test(interfaceName, 'a\u0085b', CHARACTERS, '');
test(interfaceName, 'a\u00a0b', CHARACTERS, '');
const PATTERN_DETAILS = 'the kernel would put a number in its place';
test(interfaceName, 'eth%d', 'interface name contains %', PATTERN_DETAILS);
test('names: what ADD refuses as a pattern DEL takes', (t) => {
  t.notThrows(() => requireInterfaceName('eth%d', 'DEL'));
});

const schema = object({ ...commonProperties, mtu: integer({ default: 0 }) });

test('config: an unknown key is a warning with the nearest known one', (t) => {
  const warnings: string[] = [];
  const { document } = read('{"name":"n","mut":9,"type":"x","ipam":{"type":"y","ranges":[]}}');
  const config = decodeConfig(schema, document, (line) => warnings.push(line));
  t.like(config, { name: 'n', mtu: 0, type: 'x', ipam: { type: 'y' } });
  t.deepEqual(warnings, [
    'unknown key "mut" (9) in the network configuration; did you mean "mtu"?',
  ]);
});

test('config: of many unknown keys some are named, and how many there are', (t) => {
  const warnings: string[] = [];
  const keys = Array.from({ length: 1000 }, (_, i) => `"x${i}":${i}`).join(',');
  decodeConfig(schema, read(`{"name":"n",${keys}}`).document, (line) => warnings.push(line));
  t.is(warnings.length, 21);
  t.is(warnings.at(-1), 'and 980 more unknown keys');
});

test('config: attachments that GC must keep are found in any spelling of the key', (t) => {
  const valid = (key: string, value = '[{"CONTAINERID":"a","ifName":"eth0"}]') =>
    validAttachments(read(`{"name":"n","${key}":${value}}`));
  const listed = [{ containerId: 'a', ifname: 'eth0' }];
  t.deepEqual(valid('cni.dev/valid-attachments'), listed);
  t.deepEqual(valid('CNI.dev/Valid-Attachments'), listed);
  t.deepEqual(valid('cni.dev/valid-attachmentſ'), listed);
  t.deepEqual(valid('cni.dev/valid-attachments', 'null'), []);
  t.is(valid('cni.dev/other'), undefined);
});

test('config: with strict an unknown key is an unsupported field, named with its value', (t) => {
  const { document } = read('{"name":"n","mut":9,"strict":true}');
  t.like(
    t.throws(() => decodeConfig(schema, document, () => t.fail())),
    {
      code: 2,
      msg: 'unknown key "mut" (9) in the network configuration; did you mean "mtu"?',
    },
  );
});

test('config: what runtimes put into a configuration is known', (t) => {
  const text = `{"name":"n","cniVersion":"1.1.0","type":"bridge","capabilities":{"portMappings":true},
    "runtimeConfig":{"portMappings":[{"hostPort":80}]},"args":{"cni":{"x":1}},"dns":{"nameservers":["::1"]},
    "prevResult":{"cniVersion":"1.1.0"},"cni.dev/valid-attachments":null,"cni.dev/attachments":[],
    "disableGC":false,"disableCheck":true,"cniVersions":["1.0.0"]}`;
  t.notThrows(() => decodeConfig(schema, read(text).document, (line) => t.fail(line)));
});

test('prevResult: absent and null are no result, and asking for one says so', (t) => {
  t.is(parsePrevResult(read('{"name":"n"}')), undefined);
  t.is(parsePrevResult(read('{"name":"n","prevResult":null}')), undefined);
  t.like(
    t.throws(() => requirePrevResult(read('{"name":"n"}'))),
    { code: 7, msg: 'Required prevResult missing' },
  );
});

const prev = (cniVersion: string, inner: string): string =>
  `{"name":"n","cniVersion":"${cniVersion}","PrevResult":{${inner}"ips":[{"address":"10.0.0.1/24"}]}}`;

test('prevResult: it is read in the shape of the configuration', (t) => {
  for (const [config, inner] of [
    ['1.1.0', '"cniVersion":"1.0.0",'],
    ['1.0.0', ''],
    ['0.4.0', '"cniVersion":"0.3.0",'],
  ] as const) {
    t.deepEqual(parsePrevResult(read(prev(config, inner))), { ips: [{ address: '10.0.0.1/24' }] });
  }
});

const badPrevResult = test.macro({
  exec(t, config: string, inner: string, reason: string) {
    t.like(
      t.throws(() => parsePrevResult(read(prev(config, inner)))),
      { code: 6, msg: `could not parse prevResult: ${reason}` },
    );
  },
  title: (_given, config: string, inner: string) =>
    `prevResult: ${inner} in a ${config} configuration is refused`,
});

test(
  badPrevResult,
  '1.1.0',
  '"cniVersion":"0.4.0",',
  'result type supports [1.0.0 1.1.0] but unmarshalled CNIVersion is "0.4.0"',
);
test(
  badPrevResult,
  '0.4.0',
  '"cniVersion":"1.0.0",',
  'result type supports [0.3.0 0.3.1 0.4.0] but unmarshalled CNIVersion is "1.0.0"',
);
test(
  badPrevResult,
  '0.2.0',
  '"cniVersion":"0.3.0",',
  'result type supports [ 0.1.0 0.2.0] but unmarshalled CNIVersion is "0.3.0"',
);
test(
  badPrevResult,
  '0.4.0',
  '"cniVersion":"",',
  'result type supports [0.3.0 0.3.1 0.4.0] but unmarshalled CNIVersion is ""',
);
test(badPrevResult, '9.0.0', '', 'unsupported CNI result version "9.0.0"');

test('prevResult: a value that is no object is refused', (t) => {
  t.like(
    t.throws(() => parsePrevResult(read('{"name":"n","prevResult":"x"}'))),
    { code: 6, msg: 'could not parse prevResult: the result is not a JSON object' },
  );
});

test('GC: the attachments to keep come under either key; null is none, and no list is no answer', (t) => {
  const attachment = '{"containerID":"a","ifname":"eth0","extra":1}';
  const kept = [{ containerId: 'a', ifname: 'eth0' }];
  t.deepEqual(
    validAttachments(read(`{"name":"n","cni.dev/valid-attachments":[${attachment}]}`)),
    kept,
  );
  t.deepEqual(validAttachments(read(`{"name":"n","cni.dev/attachments":[${attachment}]}`)), kept);
  t.deepEqual(validAttachments(read('{"name":"n","cni.dev/valid-attachments":null}')), []);
  t.is(validAttachments(read('{"name":"n"}')), undefined);
  t.throws(() => validAttachments(read('{"name":"n","cni.dev/valid-attachments":{}}')), {
    message: /^cni.dev\/valid-attachments: .*a list is expected/,
  });
});

test('config: prevResult without its routes is the same otherwise, whatever they are', (t) => {
  const ips = '"ips":[{"address":"10.0.0.1/24"}]';
  const expected = { ips: [{ address: '10.0.0.1/24' }] };
  for (const routes of ['[{"dst":"10.1.0.0/16"}]', 'null', '[{"dst":"nowhere"}]', '"none"']) {
    const text = `{"cniVersion":"1.0.0","name":"n","prevResult":{${ips},"Routes":${routes}}}`;
    t.deepEqual(prevResultWithoutRoutes(read(text)), expected, routes);
  }
  t.is(prevResultWithoutRoutes(read('{"name":"n"}')), undefined);
  t.throws(() => prevResultWithoutRoutes(read('{"name":"n","prevResult":1}')));
});
