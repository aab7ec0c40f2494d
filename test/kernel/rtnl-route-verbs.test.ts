/** Routes that our verbs make and list, beside those that `ip route` does. */
import test from 'ava';
import { hasFeature } from '../harness/features.ts';
import { fresh } from '../harness/fresh.ts';
import type { Row } from '../harness/namespace.ts';

test('routes: of each type the scope is the one that ip chooses', (t) => {
  const { rt, ns } = fresh(t);
  const shown = (): Row[] => {
    const rows = ns.ip('-d', 'route', 'show', 'table', '77');
    ns.exec('ip', 'route', 'flush', 'table', '77');
    return rows;
  };
  for (const [type, dev] of [
    ...(['unicast', 'local', 'broadcast', 'anycast', 'multicast'] as const).map(
      (type) => [type, 'lo'] as const,
    ),
    ...(['blackhole', 'unreachable', 'prohibit', 'throw'] as const).map((type) => [type] as const),
  ]) {
    const on = dev === undefined ? [] : ['dev', dev];
    ns.exec('ip', 'route', 'add', type, '192.0.2.1', ...on, 'table', '77');
    const expected = shown();
    rt.routes.add({ dst: '192.0.2.1', type, dev, table: 77 });
    t.deepEqual(shown(), expected, type);
  }
});

test('routes: those of labels, and none where the kernel has no labels', (t) => {
  const { rt, ns } = fresh(t);
  if (hasFeature('mpls')) {
    ns.exec('sh', '-c', 'echo 1000 > /proc/sys/net/mpls/platform_labels');
    ns.exec('ip', '-f', 'mpls', 'route', 'add', '100', 'via', 'inet', '127.0.0.2');
  }
  const expected = ns.ip('-f', 'mpls', 'route').map(({ dst }) => dst);
  const filter = { family: 'mpls' } as const;
  t.deepEqual(
    rt.routes.list(filter).map(({ dst }) => dst),
    expected,
  );
  t.deepEqual(
    [...rt.routes.dump(filter)].map(({ dst }) => dst),
    expected,
  );
});
