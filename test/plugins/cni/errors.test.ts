import test from 'ava';
import { IpamError } from '../../../src/ipam/policy/errors.ts';
import {
  CniError,
  formatError,
  INVALID_NETNS,
  toCniError,
  withPrefix,
} from '../../../src/cni/errors.ts';

test('error: as text it is the message, and the details where there are any', (t) => {
  t.is(new CniError(1, 'some message', 'some details').message, 'some message; some details');
  t.is(new CniError(1, 'some message').message, 'some message');
});

test('error: the object has code, msg and details in this order, and no empty details', (t) => {
  t.is(
    formatError(new CniError(INVALID_NETNS, 'a "b"', 'c'), '1.1.0'),
    '{\n    "cniVersion": "1.1.0",\n    "code": 8,\n    "msg": "a \\"b\\"",\n    "details": "c"\n}',
  );
  t.is(formatError(new CniError(4, 'a')), '{\n    "code": 4,\n    "msg": "a"\n}');
});

test('error: anything thrown becomes one, and one stays what it is', (t) => {
  const error = new CniError(1234, 'insert code here');
  t.is(toCniError(error), error);
  t.like(toCniError(new Error('plain')), { code: 999, msg: 'plain', details: '' });
  t.like(toCniError('text'), { code: 999, msg: 'text' });
  t.like(toCniError(undefined), { code: 999, msg: 'undefined' });
});

test('error: a failure of IPAM is reported under the code of the specification', (t) => {
  const config = new IpamError('config', 'no IP ranges specified', { details: 'ipam.ranges: []' });
  t.like(toCniError(config), { code: 7, msg: config.message, details: 'ipam.ranges: []' });
  t.like(toCniError(new IpamError('exhausted', 'none left')), { code: 999 });
  t.like(toCniError(new IpamError('store', 'open x: no')), { code: 5 });
  t.like(toCniError(new IpamError('lock', 'held')), { code: 11 });
  t.like(toCniError(new IpamError('config', 'x', { path: 'CNI_ARGS' })), { code: 4 });
});

test('error: several failures are reported in one message, under their code when they agree', (t) => {
  const both = new AggregateError([new CniError(5, 'a', 'b'), new CniError(5, 'c')]);
  t.like(toCniError(both), { code: 5, msg: 'a; b; c' });
  const mixed = new AggregateError([new CniError(5, 'a'), new Error('c')], 'DEL');
  t.like(toCniError(mixed), { code: 999, msg: 'DEL: a; c' });
  t.like(toCniError(new AggregateError([new CniError(5, 'a')])), { code: 5, msg: 'a' });
});

test('error: a prefix goes in front of the message and keeps code and details', (t) => {
  const error = t.throws(() =>
    withPrefix('outer: ', () => {
      throw new CniError(6, 'inner', 'more');
    }),
  );
  t.like(error, { code: 6, msg: 'outer: inner', details: 'more' });
});

test('error: none is without a message, and none is longer than a log bears', (t) => {
  const told = (error: unknown) =>
    JSON.parse(formatError(toCniError(error))) as { msg: string; details?: string };
  for (const empty of [new Error(''), new CniError(7, ''), '', new AggregateError([])]) {
    t.not(told(empty).msg, '');
  }
  const long = `begin ${'x'.repeat(1 << 20)} end`;
  for (const error of [new Error(long), new CniError(7, long, long), new AggregateError([long])]) {
    const { msg, details = msg } = told(error);
    for (const text of [msg, details]) {
      t.regex(text, /^begin x+… \(1044490 characters\) …x+ end$/);
      t.true(text.length < 5000);
    }
  }
});
