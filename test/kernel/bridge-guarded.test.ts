/** A port is never up before it is guarded: an attacker in the container who spins wins no ADD. */
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { attack, listen } from '../harness/attacker.ts';
import { freshNamespace } from '../harness/namespace.ts';
import { freshNode, succeeded } from '../harness/node.ts';

/** Each takes the kernel as long as the attacker lets it; more of them with ADDS in the environment. */
const ADDS = Number(process.env['ADDS'] ?? 20);
const FORGED = '02:00:00:00:00:99';

test.serial('bridge macspoofchk: an attacker who spins does not win once', async (t) => {
  t.timeout(3_000_000);
  const node = freshNode(t);
  const container = freshNamespace(t);
  const config = node.config(['10.88.0.0/24'], { isGateway: true, macspoofchk: true });
  const call = { netns: container.path };
  await attack(t, container, FORGED);
  let won = 0;
  for (let i = 0; i < ADDS; i++) {
    succeeded(node.call('ADD', config, call));
    if (node.host.exec('bridge', 'fdb', 'show', 'br', 'br0').includes(FORGED)) won++;
    t.is(node.call('DEL', config, call).code, 0);
    await setImmediate();
  }
  t.is(won, 0);
});

test.serial(
  'bridge portIsolation: an attacker who spins is not heard by a neighbour once',
  async (t) => {
    t.timeout(3_000_000);
    const node = freshNode(t);
    const [container, neighbour] = [freshNamespace(t), freshNamespace(t)];
    const config = node.config(['10.88.0.0/24'], { portIsolation: true });
    succeeded(node.call('ADD', config, { netns: neighbour.path, containerId: 'c2' }));
    const listener = await listen(t, neighbour);
    const attacker = await attack(t, container, FORGED);
    const call = { netns: container.path };
    for (let i = 0; i < ADDS / 4; i++) {
      succeeded(node.call('ADD', config, call));
      t.is(node.call('DEL', config, call).code, 0);
      await setImmediate();
    }
    t.true(attacker.said().includes('sent'));
    t.false(listener.said().includes('heard'));
  },
);
