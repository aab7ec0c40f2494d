/** Settings of IPv4 and IPv6 that links carry, held against /proc/sys. */
import test, { type ExecutionContext } from 'ava';
import { readdirSync, readFileSync } from 'node:fs';
import { open } from '../../../src/rtnl/open.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

type Conf = Record<string, unknown>;

/** All that have the same name on both sides, but for the case. */
function agrees(t: ExecutionContext, ns: Namespace, version: 'ipv4' | 'ipv6'): void {
  using rt = open({ netns: ns.path });
  const { inet, inet6 } = rt.links.get('lo').afSpec!;
  const conf = (version === 'ipv4' ? inet : inet6)!.conf as Conf;
  const said = ns.run(() => sysctls(`/proc/sys/net/${version}/conf/lo`));
  const common = Object.keys(said).filter((key) => key in conf);
  t.true(common.length > 20);
  t.deepEqual(
    common.map((key) => [key, conf[key]]),
    common.map((key) => [key, said[key]]),
  );
}

const sysctls = (directory: string): Conf =>
  Object.fromEntries(
    readdirSync(directory)
      // Not a number.
      .filter((name) => name !== 'stable_secret')
      .map((name) => [
        name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
        Number(readFileSync(`${directory}/${name}`, 'utf8')),
      ]),
  );

test('settings: those of IPv4, forwarding too when it reads as the header of an attribute', (t) => {
  const ns = freshNamespace(t);
  agrees(t, ns, 'ipv4');
  ns.exec('sh', '-c', 'echo 65544 > /proc/sys/net/ipv4/conf/lo/forwarding');
  agrees(t, ns, 'ipv4');
});

needs('ipv6')('settings: those of IPv6, also beyond 31 bits', (t) => {
  const ns = freshNamespace(t);
  agrees(t, ns, 'ipv6');
  ns.exec('sh', '-c', 'echo 4294967295 > /proc/sys/net/ipv6/conf/lo/ra_defrtr_metric');
  agrees(t, ns, 'ipv6');
});
