/**
 * `ipMasq` of the bridge plugin in all its commands; what masquerade does to packets is tested in
 * `masquerade-packets.test.ts`.
 */
import test, { type ExecutionContext } from 'ava';
import type { Feature } from '../../harness/features.ts';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { failed, freshNode, type Node, succeeded } from '../../harness/node.ts';

const BOTH = ['10.88.0.0/24', 'fd88::/64'];

interface Backend {
  readonly needs: readonly Feature[];
  /** Everything in which an address of a container may stand. */
  rules(node: Node): string;
  flush(node: Node): void;
}

const BACKENDS: Readonly<Record<string, Backend>> = {
  nftables: {
    needs: ['nftables-inet'],
    rules: ({ host }) => host.exec('nft', 'list', 'ruleset'),
    flush: ({ host }) => void host.exec('nft', 'flush', 'ruleset'),
  },
  iptables: {
    needs: ['iptables-legacy', 'ip6tables-legacy'],
    rules: ({ host }) =>
      host.exec(
        'sh',
        '-c',
        'for p in iptables ip6tables; do $p -t nat -S; $p-legacy -t nat -S; done',
      ),
    flush: ({ host }) =>
      void host.exec(
        'sh',
        '-c',
        'for p in iptables ip6tables; do $p -t nat -F; $p-legacy -t nat -F; done',
      ),
  },
};

const config = (node: Node, ipMasqBackend: string, keys: Row = {}): Row =>
  node.config(BOTH, {
    isDefaultGateway: true,
    ipMasq: true,
    ipMasqBackend,
    cniVersion: '1.1.0',
    ...keys,
  });

const stands = (rules: string): boolean =>
  /10\.88\.0\.2\b/.test(rules) && rules.includes('fd88::2');

for (const [name, backend] of Object.entries(BACKENDS)) {
  const on = needs(...backend.needs);

  on(`bridge ipMasq by ${name}: ADD masquerades the addresses, DEL leaves none`, (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const call = { netns: container.path };
    succeeded(node.call('ADD', config(node, name), call));
    t.true(stands(backend.rules(node)), backend.rules(node));
    t.is(node.call('DEL', config(node, name), call).code, 0);
    t.false(/10\.88|fd88/.test(backend.rules(node)), backend.rules(node));
  });

  on(`bridge ipMasq by ${name}: CHECK reports missing rules`, (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const call = { netns: container.path };
    const prevResult = succeeded(node.call('ADD', config(node, name), call));
    const good = node.call('CHECK', config(node, name, { prevResult }), call);
    t.is(good.code, 0, good.stdout);
    backend.flush(node);
    t.is(failed(node.call('CHECK', config(node, name, { prevResult }), call)).code, 999);
  });

  on(
    `bridge ipMasq by ${name}: DEL removes the rules that the configuration no longer asks for`,
    (t) => {
      for (const keys of [
        { ipMasq: false },
        { ipMasqBackend: undefined },
        { prevResult: 'nonsense' },
      ]) {
        const node = freshNode(t);
        const container = freshNamespace(t);
        succeeded(node.call('ADD', config(node, name), { netns: container.path }));
        container.remove();
        t.is(node.call('DEL', config(node, name, keys), { netns: '' }).code, 0);
        t.false(/10\.88|fd88/.test(backend.rules(node)), backend.rules(node));
      }
    },
  );
}

needs('nftables-inet')(
  'bridge ipMasq: after nft flush ruleset STATUS warns, and the next ADD restores all',
  (t) => {
    const node = freshNode(t);
    attachTwo(t, node);
    const isTold = (): boolean => {
      const call = { containerId: '', netns: '', ifname: '' };
      const { code, stdout, stderr } = node.call('STATUS', config(node, 'nftables'), call);
      t.is(code, 0, stdout);
      return stderr.includes('rules of network "net1" are gone');
    };
    const rules = (): string => BACKENDS['nftables']!.rules(node);
    const before = rules();
    t.false(isTold());
    node.host.exec('nft', 'flush', 'ruleset');
    t.true(isTold());
    const { path: netns } = freshNamespace(t);
    const third = { netns, containerId: 'c2' };
    succeeded(node.call('ADD', config(node, 'nftables'), third));
    t.false(isTold());
    for (const address of [
      '10.88.0.2',
      '10.88.0.3',
      '10.88.0.4',
      'fd88::2',
      'fd88::3',
      'fd88::4',
    ]) {
      t.true(rules().includes(`${address} `), rules());
    }
    t.is(node.call('DEL', config(node, 'nftables'), third).code, 0);
    const sorted = (text: string): string[] => text.split(/[\s,]+/).sort();
    t.deepEqual(sorted(rules()), sorted(before));
  },
);

needs('nftables-inet')('bridge ipMasq: GC removes the rules of what is not listed', (t) => {
  const node = freshNode(t);
  attachTwo(t, node);
  const valid = [{ containerID: 'c1', ifname: 'eth0' }];
  const document = { ...config(node, 'nftables'), 'cni.dev/valid-attachments': valid };
  const { code, stdout } = node.call('GC', document, { containerId: '', netns: '', ifname: '' });
  t.is(code, 0, stdout);
  const rules = BACKENDS['nftables']!.rules(node);
  t.regex(rules, /10\.88\.0\.3/);
  t.notRegex(rules, /10\.88\.0\.2\b/);
});

function attachTwo(t: ExecutionContext, node: Node): void {
  for (const containerId of ['c0', 'c1']) {
    const { path: netns } = freshNamespace(t);
    succeeded(node.call('ADD', config(node, 'nftables'), { netns, containerId }));
  }
}

test.serial('bridge ipMasq: without addresses there is nothing to masquerade', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const { code, stdout } = node.call('ADD', node.config([], { ipMasq: true }), {
    netns: container.path,
  });
  t.is(code, 0, stdout);
});
