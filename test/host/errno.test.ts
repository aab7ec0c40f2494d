/** Error numbers and their words, which are looked up in one text. */
import { constants } from 'node:os';
import test from 'ava';
import { errnoName, errnoText, errnoTextByName } from '../../src/sys/errno.ts';

test('errno: numbers have the names that Node knows', (t) => {
  // The second name of a number is not in the table.
  const aliases = ['EWOULDBLOCK', 'ENOTSUP', 'EDEADLK'];
  for (const [name, number] of Object.entries(constants.errno)) {
    if (aliases.includes(name)) continue;
    t.is(errnoName(number), name);
    t.is(errnoTextByName(name), errnoText(number));
  }
});

test('errno: the first and the last have their texts', (t) => {
  t.is(errnoName(1), 'EPERM');
  t.is(errnoText(1), 'operation not permitted');
  t.is(errnoTextByName('EPERM'), 'operation not permitted');
  t.is(errnoName(132), 'ERFKILL');
  t.is(errnoText(132), 'operation not possible due to RF-kill');
  t.is(errnoTextByName('ERFKILL'), 'operation not possible due to RF-kill');
});

test('errno: only a complete number or name is found', (t) => {
  for (const number of [0, -1, 41, 133, 1.5, NaN]) {
    t.is(errnoName(number), `E${number}`);
    t.is(errnoText(number), `error ${number}`);
  }
  for (const name of ['', 'E', 'EPER', 'PERM', 'not', 'EPERM operation', 'XENIX', 'ERR_ACCESS'])
    t.is(errnoTextByName(name), undefined, name);
});
