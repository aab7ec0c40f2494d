/**
 * Two IPv4 gateways of one network, of which a bridge takes one: the reference refuses both, or
 * keeps the last with `forceAddress`.
 */
import test, { type ExecutionContext } from 'ava';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { failed, freshNode, succeeded, type Node } from '../../harness/node.ts';
import { ourPlugin, referencePlugin } from '../../harness/plugin.ts';

const PLUGINS = { ours: ourPlugin('bridge'), reference: referencePlugin('bridge') };

/** What is on the bridge before. */
const BEFORE: Readonly<Record<string, readonly string[] | undefined>> = {
  'a new bridge': undefined,
  'a bridge without addresses': [],
  'a bridge with the first of them': ['10.88.0.1/24'],
  'a bridge with the second of them': ['10.89.0.1/24'],
};

function scene(t: ExecutionContext, before: readonly string[] | undefined, keys: Row) {
  const node = freshNode(t);
  if (before !== undefined) {
    for (const words of [
      ['link', 'add', 'br0', 'type', 'bridge'],
      // The first time up changes its queueing discipline for good.
      ['link', 'set', 'br0', 'up'],
      ...before.map((address) => ['addr', 'add', address, 'dev', 'br0']),
    ]) {
      node.host.exec('ip', ...words);
    }
  }
  const config = node.config(['10.88.0.0/24', '10.89.0.0/24'], { isGateway: true, ...keys });
  return { node, config, container: freshNamespace(t) };
}

const gateways = (node: Node): string[] =>
  [...node.host.exec('ip', '-4', '-o', 'addr', 'show', 'br0').matchAll(/inet (\S+)/g)].map(
    ([, address]) => address!,
  );

for (const [title, before] of Object.entries(BEFORE)) {
  test.serial(`bridge: two IPv4 gateways with forceAddress, the last stays: ${title}`, (t) => {
    for (const [whose, plugin] of Object.entries(PLUGINS)) {
      const { node, config, container } = scene(t, before, { forceAddress: true });
      const call = { netns: container.path };
      const prevResult = succeeded(node.call('ADD', config, call, plugin));
      t.deepEqual(gateways(node), ['10.89.0.1/24'], whose);
      t.is(node.call('CHECK', { ...config, prevResult }, call, plugin).code, 0, whose);
      const next = { netns: freshNamespace(t).path, containerId: 'c2' };
      succeeded(node.call('ADD', config, next, plugin));
      t.deepEqual(gateways(node), ['10.89.0.1/24'], whose);
    }
  });

  test.serial(`bridge: two IPv4 gateways without forceAddress are refused: ${title}`, (t) => {
    for (const [whose, plugin] of Object.entries(PLUGINS)) {
      const { node, config, container } = scene(t, before, {});
      const untouched = node.snapshot(container);
      const { code, msg } = failed(node.call('ADD', config, { netns: container.path }, plugin));
      t.is(code, 999, whose);
      t.regex(msg, /^failed to set bridge addr: "br0" already has an IP address different from /);
      if (whose === 'ours') t.deepEqual(node.changes(untouched, container), []);
    }
  });
}
