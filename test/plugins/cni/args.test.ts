import test from 'ava';
import { parseArgs, parseBoolean } from '../../../src/cni/args.ts';
import { CniError } from '../../../src/cni/errors.ts';

const known = {
  MAC: (text: string) => text,
  IP: (text: string) => {
    if (text === 'bad') throw new Error(`invalid IP address ${text}`);
    return text;
  },
};

test('CNI_ARGS: nothing is nothing', (t) => {
  t.deepEqual(parseArgs('', known), {});
});

test('CNI_ARGS: known keys are read, and an empty value is a value', (t) => {
  t.deepEqual(parseArgs('MAC=aa;IP=', known), { MAC: 'aa', IP: '' });
});

test('CNI_ARGS: unknown keys pass with IgnoreUnknown, wherever it stands', (t) => {
  t.deepEqual(parseArgs('K8S_POD_NAME=a;IP=1;IgnoreUnknown=1', known), { IP: '1' });
  t.deepEqual(parseArgs('IgnoreUnknown=true;X=y;MAC=m', known), { MAC: 'm' });
  t.deepEqual(parseArgs('IgnoreUnknown=1;constructor=x', known), {});
});

const refused = test.macro({
  exec(t, text: string, msg: string) {
    t.like(
      t.throws(() => parseArgs(text, known), { instanceOf: CniError }),
      { code: 4, msg },
    );
  },
  title: (_given, text: string) => `CNI_ARGS: ${JSON.stringify(text)} is refused`,
});

test(refused, 'A=b;C=d', 'CNI_ARGS: unknown args ["A=b" "C=d"]');
test(refused, 'IgnoreUnknown=0;A=b', 'CNI_ARGS: unknown args ["A=b"]');
test(
  refused,
  'IgnoreUnknown=1;ignoreunknown=0;IgnoreUnknown=false',
  'CNI_ARGS: unknown args ["ignoreunknown=0"]',
);
test(refused, 'mac=x', 'CNI_ARGS: unknown args ["mac=x"]');
test(refused, 'MAC=x;', 'CNI_ARGS: invalid pair ""');
test(refused, 'MAC', 'CNI_ARGS: invalid pair "MAC"');
test(refused, 'MAC=a=b', 'CNI_ARGS: invalid pair "MAC=a=b"');
test(
  refused,
  'IP=bad;MAC',
  'CNI_ARGS: error parsing value of pair "IP=bad": invalid IP address bad',
);
test(refused, 'MAC;IP=bad', 'CNI_ARGS: invalid pair "MAC"');
test(
  refused,
  'IgnoreUnknown=yes',
  'CNI_ARGS: error parsing value of pair "IgnoreUnknown=yes": boolean unmarshal error: invalid input yes',
);

test('CNI_ARGS: booleans are 0, 1, true and false in any letter case', (t) => {
  for (const text of ['True', 'true', '1', 'TRUE']) t.true(parseBoolean(text));
  for (const text of ['False', 'false', '0', 'FALSE']) t.false(parseBoolean(text));
  t.throws(() => parseBoolean('invalid'), {
    message: 'boolean unmarshal error: invalid input invalid',
  });
});
