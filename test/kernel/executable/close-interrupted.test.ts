/**
 * Each close(2) of a call is interrupted. Linux has then closed the descriptor all the same, so
 * there is nothing to try again and nothing to report: close(2), "Dealing with error returns".
 */
import test from 'ava';
import { freshNamespace } from '../../harness/namespace.ts';
import { freshNode, succeeded } from '../../harness/node.ts';
import { straced } from '../../harness/strace.ts';

test.serial('bridge: every close of ADD, CHECK, GC and DEL is interrupted', (t) => {
  const node = freshNode(t);
  const { path: netns } = freshNamespace(t);
  const config = node.config(['10.88.0.0/24', 'fd88::/64'], {
    cniVersion: '1.1.0',
    isDefaultGateway: true,
    ipMasq: true,
    'cni.dev/valid-attachments': [],
  });
  const binary = straced(t, '-o', '/dev/null', '-e', 'inject=close:error=EINTR');
  const prevResult = succeeded(node.call('ADD', config, { netns }, binary));
  for (const command of ['CHECK', 'GC', 'DEL'] as const) {
    const output = node.call(command, { ...config, prevResult }, { netns }, binary);
    t.is(output.code, 0, `${command}: ${output.stdout}${output.stderr}`);
    t.notRegex(output.stderr, /close/);
  }
  t.deepEqual(node.host.ip('link', 'show', 'type', 'veth'), []);
  t.deepEqual(node.leases(), {});
});
