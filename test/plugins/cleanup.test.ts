/** What DEL and GC do with failures and with a configuration that is wrong. */
import test from 'ava';
import { cleanUp, namedIpam } from '../../src/plugins/attach/cleanup.ts';
import { invocation } from './invocation.ts';

test('cleanup: every part has its turn, and all failures are reported', (t) => {
  const done: number[] = [];
  const error = t.throws(() => {
    cleanUp((attempt) => {
      for (const part of [1, 2, 3]) {
        attempt(() => {
          done.push(part);
          if (part !== 2) throw new Error(`part ${part}`);
        });
      }
    });
  });
  t.deepEqual(done, [1, 2, 3]);
  const { errors } = error as AggregateError;
  t.deepEqual(
    errors.map(({ message }: Error) => message),
    ['part 1', 'part 3'],
  );
});

test('cleanup: the type of IPAM is found in a configuration that is wrong otherwise', (t) => {
  const found = (ipam: unknown) => namedIpam(invocation({ name: 'net1', mode: 7, mtu: 'x', ipam }));
  t.truthy(found({ type: 'host-local', ranges: 5 }));
  t.truthy(found({ TYPE: 'static', ranges: 5 }));
  t.throws(() => found({ type: 'nobody' }), { message: /^failed to find plugin "nobody"/ });
  for (const none of [undefined, null, 'host-local', {}, { type: 5 }, { type: '' }]) {
    t.is(found(none), undefined);
  }
});
