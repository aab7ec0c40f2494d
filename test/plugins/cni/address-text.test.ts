import test from 'ava';
import {
  cidrContains,
  formatCidr,
  formatIp,
  parseCidr,
  parseIp,
} from '../../../src/plugins/cni/address-text.ts';

const address = test.macro({
  exec(t, text: string, expected: string | undefined) {
    const bytes = parseIp(text);
    t.is(bytes && formatIp(bytes), expected);
  },
  title: (_given, text: string, expected: string | undefined) =>
    `address: ${JSON.stringify(text)} is ${expected ?? 'refused'}`,
});

test(address, '10.1.2.3', '10.1.2.3');
test(address, '010.1.2.3', undefined);
test(address, '10.1.2', undefined);
test(address, '10.1.2.256', undefined);
test(address, '10.1.2.3.4', undefined);
test(address, '', undefined);
test(address, 'FD00:0:0::0002', 'fd00::2');
test(address, '::', '::');
test(address, '::ffff:1.2.3.4', '1.2.3.4');
test(address, '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8');
test(address, '1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0');
test(address, '1:2:3:4:5:6:7:8:9', undefined);
test(address, '1::2::3', undefined);
test(address, '2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1');
test(address, 'fe80::1%eth0', undefined);
test(address, 'fd00::12345', undefined);

const prefix = test.macro({
  exec(t, text: string, expected: string | undefined) {
    const parsed = parseCidr(text);
    t.is(parsed && formatCidr(parsed), expected);
  },
  title: (_given, text: string, expected: string | undefined) =>
    `prefix: ${JSON.stringify(text)} is ${expected ?? 'refused'}`,
});

test(prefix, '10.1.2.3/24', '10.1.2.3/24');
test(prefix, '10.1.2.3/024', '10.1.2.3/24');
test(prefix, '10.1.2.3/33', undefined);
test(prefix, '10.1.2.3/', undefined);
test(prefix, '10.1.2.3', undefined);
test(prefix, '', undefined);
test(prefix, '010.1.2.0/24', undefined);
test(prefix, '10.1.2.3/+24', undefined);
test(prefix, 'fd00::1/064', 'fd00::1/64');
test(prefix, 'fd00::1/129', undefined);
test(prefix, '::ffff:10.0.0.1/120', '10.0.0.1/24');
test(prefix, '::ffff:10.0.0.1/64', undefined);

test('prefix: it contains the addresses of its network and of no other family', (t) => {
  const net = parseCidr('10.1.2.3/22')!;
  t.true(cidrContains(net, parseIp('10.1.3.255')!));
  t.false(cidrContains(net, parseIp('10.1.4.0')!));
  t.false(cidrContains(net, parseIp('fd00::1')!));
  t.true(cidrContains(parseCidr('0.0.0.0/0')!, parseIp('255.1.1.1')!));
  t.false(cidrContains(parseCidr('fd00::/65')!, parseIp('fd00:0:0:0:8000::')!));
});
