import test from 'ava';
import { CniError } from '../../../src/cni/errors.ts';
import {
  formatVersionInfo,
  isAtLeast,
  isNewerThan,
  parseVersion,
  requireVersion,
  versionsFrom,
} from '../../../src/cni/version.ts';

test('version: the list from a minimum upwards', (t) => {
  t.deepEqual(versionsFrom('0.3.1'), ['0.3.1', '0.4.0', '1.0.0', '1.1.0']);
});

test('version: missing parts are zero, and no version is 0.1.0', (t) => {
  t.deepEqual(parseVersion('1.2.3'), [1, 2, 3]);
  t.deepEqual(parseVersion('1.2'), [1, 2, 0]);
  t.deepEqual(parseVersion('1'), [1, 0, 0]);
  t.deepEqual(parseVersion(''), [0, 1, 0]);
});

const malformed = test.macro({
  exec(t, version: string, msg: string) {
    t.like(
      t.throws(() => parseVersion(version), { instanceOf: CniError }),
      { code: 6, msg },
    );
  },
  title: (_given, version: string) => `version: ${JSON.stringify(version)} is malformed`,
});

const invalid = (part: string): string => `"${part}": parsing "${part}": invalid syntax`;
test(malformed, 'asdfasdf', `failed to convert major version part ${invalid('asdfasdf')}`);
test(malformed, 'asdf.', `failed to convert major version part ${invalid('asdf')}`);
test(malformed, '.asdfas', `failed to convert major version part ${invalid('')}`);
test(malformed, 'asdf.adsf.', `failed to convert major version part ${invalid('asdf')}`);
test(malformed, '0.', `failed to convert minor version part ${invalid('')}`);
test(malformed, '..', `failed to convert major version part ${invalid('')}`);
test(malformed, '1.2.3.4.5', 'invalid version "1.2.3.4.5": too many parts');

test('version: order is by number, part for part', (t) => {
  t.true(isAtLeast('1.2.34', '1.2.14'));
  t.true(isAtLeast('2.5.4', '2.4.4'));
  t.true(isAtLeast('1.2.3', '0.2.3'));
  t.true(isAtLeast('1.2.3', '1.2.3'));
  t.false(isAtLeast('1.2.3', '1.2.4'));
  t.false(isAtLeast('0.9.9', '1.0.0'));
  t.true(isNewerThan('1.2.34', '1.2.14'));
  t.false(isNewerThan('1.2.3', '1.2.3'));
  t.throws(() => isNewerThan('a.b.c', '1.2.3'));
  t.throws(() => isAtLeast('1.2.3', 'a.b.c'));
});

test('version: a configuration version is supported by text, not by number', (t) => {
  t.notThrows(() => requireVersion('ADD', '0.4.0'));
  t.like(
    t.throws(() => requireVersion('ADD', '1.0', ['0.1.0', '1.0.0'])),
    {
      code: 1,
      msg: 'incompatible CNI versions',
      details: 'config is "1.0", plugin supports ["0.1.0" "1.0.0"]',
    },
  );
});

for (const [command, minimum, older] of [
  ['CHECK', '0.4.0', '0.3.1'],
  ['GC', '1.1.0', '1.0.0'],
  ['STATUS', '1.1.0', '1.0.0'],
] as const) {
  test(`version: ${command} needs ${minimum} on both sides`, (t) => {
    t.notThrows(() => requireVersion(command, minimum));
    t.like(
      t.throws(() => requireVersion(command, older)),
      { code: 1, msg: `config version does not allow ${command}` },
    );
    t.like(
      t.throws(() => requireVersion(command, minimum, [older])),
      { code: 1, msg: `plugin version does not allow ${command}` },
    );
    t.like(
      t.throws(() => requireVersion(command, '1.2.0')),
      { code: 1, msg: `plugin version does not allow ${command}` },
    );
    t.like(
      t.throws(() => requireVersion(command, 'adsfasdf')),
      { code: 6 },
    );
    t.like(
      t.throws(() => requireVersion(command, minimum, ['adsfasdf'])),
      { code: 6 },
    );
  });
}

test('version: a version between two released ones is incompatible, also for CHECK', (t) => {
  t.like(
    t.throws(() => requireVersion('CHECK', '0.9.0')),
    { code: 1, msg: 'incompatible CNI versions' },
  );
});

test('version: the answer to VERSION is one line', (t) => {
  t.is(
    formatVersionInfo(),
    '{"cniVersion":"1.1.0","supportedVersions":["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}\n',
  );
});
