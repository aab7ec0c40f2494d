import test from 'ava';
import { canonicalCidr, canonicalIp, ipVersion } from '../../../src/cni/address-text.ts';

const address = test.macro({
  exec(t, text: string, expected: string | undefined) {
    t.is(canonicalIp(text), expected);
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
    t.is(canonicalCidr(text), expected);
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

test('address: the family shows in the printed spelling', (t) => {
  t.is(ipVersion('10.1.2.3/24'), '4');
  t.is(ipVersion('::1'), '6');
});
