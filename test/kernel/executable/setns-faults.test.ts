/**
 * The way back from the container's namespace fails. The file below /proc/sys that is meant is that
 * of the namespace in which the thread is: what ADD takes back must reach the host, and nothing of
 * the host's may be written in the container.
 */
import test from 'ava';
import { freshNamespace } from '../../harness/namespace.ts';
import { changes, failed, freshNode, succeeded } from '../../harness/node.ts';
import { straced } from '../../harness/strace.ts';

/**
 * ADD goes into the container twice, for its socket and for its settings; the calls of setns(2)
 * with odd numbers go in, those with even ones back. A way back that fails is tried again at once.
 */
const FAULTS: Readonly<Record<string, 'worked' | 'undone' | 'told'>> = {
  'when=2': 'worked',
  'when=2..3': 'undone',
  'when=4': 'worked',
  // Taking back goes to the host with a call of its own.
  'when=4..5': 'undone',
  // Nothing leads home any more.
  'when=4+': 'told',
};

for (const [when, outcome] of Object.entries(FAULTS)) {
  test.serial(`bridge ADD: setns(2) fails, ${when}`, (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    // So that the host's former value would show here.
    container.exec('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.lo.disable_ipv6=1');
    const config = node.config(['10.88.0.0/24', 'fd88::/64'], { isDefaultGateway: true });
    const [host, inside] = [node.snapshot(), settings()];
    function settings(): string {
      return container.exec('sysctl', '-a', '-r', 'forward|disable_ipv6|accept_ra');
    }
    const binary = straced(t, '-o', '/dev/null', '-e', `inject=setns:error=EPERM:${when}`);
    const output = node.call('ADD', config, { netns: container.path }, binary);
    if (outcome === 'worked') {
      succeeded(output);
      t.is(node.host.exec('cat', '/proc/sys/net/ipv4/ip_forward'), '1\n');
      return;
    }
    t.regex(failed(output).msg, /^setns ".*": EPERM/);
    t.is(settings(), inside);
    if (outcome === 'undone') return void t.deepEqual(node.changes(host), []);
    t.regex(output.stderr, /rolling back "net\/ipv4\/ip_forward": setns/);
    t.deepEqual(
      changes(host, node.snapshot()).filter((line) => !line.includes('/forwarding:')),
      ['- 0: net/ipv4/ip_forward:0', '+ 0: net/ipv4/ip_forward:1'],
    );
  });
}
