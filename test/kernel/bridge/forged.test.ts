/**
 * ADD beside somebody who sends to the groups that it listens to: root of a container that shares
 * the node's namespace.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { needs } from '../../harness/needs.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { freshNode, succeeded } from '../../harness/node.ts';

const FORGE = resolve(import.meta.dirname, '../../programs/forge.ts');

needs('bridge', 'veth')(
  'forged: ADD and DEL of the executable are not deceived, nor ended, by made-up notifications',
  async (t) => {
    const node = freshNode(t);
    const config = node.config(['10.88.0.0/24'], { isDefaultGateway: true, ipMasq: false });
    const forger = node.host.run(() =>
      spawn(process.execPath, [FORGE, 'flood'], { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    t.teardown(() => void forger.kill('SIGKILL'));
    await once(forger.stdout, 'data');
    for (let round = 0; round < 3; round++) {
      const container = freshNamespace(t);
      const added = succeeded(node.call('ADD', config, { netns: container.path }));
      const [port] = node.host.ip<{ operstate: string }[]>('link', 'show', 'master', 'br0');
      t.is(port?.operstate, 'UP');
      succeeded(node.call('CHECK', { ...config, prevResult: added }, { netns: container.path }));
      succeeded(node.call('DEL', config, { netns: container.path }));
    }
  },
);
