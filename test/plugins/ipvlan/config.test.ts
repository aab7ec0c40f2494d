/** The configuration of the ipvlan plugin: defaults and words. */
import test from 'ava';
import { ipvlanConfig } from '../../../src/plugins/ipvlan/config.ts';
import { invocation } from '../invocation.ts';

const read = (keys: object): ReturnType<typeof ipvlanConfig> =>
  ipvlanConfig(invocation({ cniVersion: '1.0.0', name: 'net1', type: 'ipvlan', ...keys }));

test('ipvlan config: the defaults are l2, bridge, and the MTU of the master', (t) => {
  t.like(read({}), { master: '', mode: 'l2', flag: 'bridge', linkInContainer: false });
  t.is(read({}).mtu, undefined);
  t.like(read({ mode: '', flag: '', mtu: 0 }), { mode: 'l2', flag: 'bridge', mtu: undefined });
  t.is(read({ mtu: -1 }).mtu, undefined);
});

for (const mode of ['l2', 'l3', 'l3s'] as const) {
  test(`ipvlan config: mode ${mode} is read`, (t) => t.is(read({ mode }).mode, mode));
}

for (const flag of ['bridge', 'private', 'vepa'] as const) {
  test(`ipvlan config: flag ${flag} is read`, (t) => t.is(read({ flag }).flag, flag));
}

test('ipvlan config: other words are refused with those that there are', (t) => {
  t.throws(() => read({ mode: 'L2' }), {
    message: 'unknown ipvlan mode: "L2"; mode is one of l2, l3, l3s',
  });
  t.throws(() => read({ flag: 'public' }), {
    message: 'unknown ipvlan flag: "public"; flag is one of bridge, private, vepa',
  });
});

test('ipvlan config: keys of the wrong type are refused', (t) => {
  for (const keys of [{ mtu: '1500' }, { master: 1 }, { mode: 2 }, { linkInContainer: 'true' }]) {
    t.throws(() => read(keys));
  }
});

test('ipvlan config: an unknown key is a warning, and an error when strict', (t) => {
  const call = invocation({ name: 'net1', type: 'ipvlan', modus: 'l2' });
  ipvlanConfig(call);
  t.regex(call.warnings.join('\n'), /modus/);
  t.throws(() => read({ modus: 'l2', strict: true }), { message: /modus/ });
});
