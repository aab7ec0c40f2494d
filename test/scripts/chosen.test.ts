import test from 'ava';
import { declared, enterFile, matcher } from '../harness/chosen.ts';

test('chosen: a pattern is a title, or has a star for anything', (t) => {
  const isTaken = matcher(['kernel › bridge › *', 'a › b: (1) [2]', '*: wireguard-*']);
  t.true(isTaken('kernel › bridge › add › bridge ADD: a link'));
  t.true(isTaken('a › b: (1) [2]'));
  t.true(isTaken('kernel › docs › examples: wireguard-peer'));
  t.false(isTaken('kernel › bridge'));
  t.false(isTaken('a › b: (1) [2] and more'));
  t.false(matcher([])('a'));
  t.true(matcher(['a*b.c'])('a\n*b.c'));
});

test('chosen: the title of a macro is computed from its arguments', (t) => {
  const exec = (): void => {};
  const macro = {
    exec,
    title: (given: unknown, n: unknown) => `${given as string} ${n as number}`,
  };
  enterFile('a › b');
  t.deepEqual(declared(['of', macro, 7]), { title: 'a › b › of 7', body: exec, rest: [7] });
  t.deepEqual(declared(['of', exec]), { title: 'a › b › of', body: exec, rest: [] });
  enterFile('');
  t.is(declared(['of', exec]).title, 'of');
});
