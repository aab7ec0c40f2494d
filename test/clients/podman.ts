/**
 * podman with its CNI back end: VERSION before every operation, ADD, DEL from conmon in an almost
 * empty environment when a container ends, and a second attachment through `network connect`.
 */
import { program } from '../harness/program.ts';
import { check, succeeds } from './checks.ts';
import { configureContainers } from './containers-conf.ts';
import { GATEWAY, bridgeList, writeList } from './network.ts';
import { checkWhoMadePairs, type Stage } from './stage.ts';
import { ROOT_FS } from './supplies.ts';
import { checkServed, type Container, pingAround, SERVE } from './traffic.ts';

export const IMAGE = 'localhost/busybox:latest';
/** What busybox needs for ping. */
export const RAW = '--cap-add=NET_RAW';

const STATIC = { ip: '10.88.0.77', mac: '02:aa:bb:cc:dd:01' };
const PORT = '18080';

export const podman = (title: string, ...words: string[]): string =>
  succeeds(title, 'podman', ...words);

export const podmanContainer = (name: string): Container => ({
  name,
  exec: (...command) => program('podman', 'exec', name, ...command),
});

export async function runPodman(stage: Stage): Promise<void> {
  writeList(configureContainers(stage), bridgeList(stage.leases));
  podman('image import', 'import', ROOT_FS, IMAGE);
  podman('network inspect', 'network', 'inspect', 'clients');

  podman('run a', 'run', '-d', '--name=a', '--net=clients', RAW, IMAGE, 'sleep', '1000');
  const net = `--net=clients:ip=${STATIC.ip},mac=${STATIC.mac}`;
  const publish = `--publish=${PORT}:80`;
  podman(
    'run b with an address, a MAC address and a port',
    ...['run', '-d', '--name=b', net, publish, RAW, IMAGE, ...SERVE],
  );
  checkWhoMadePairs(stage);
  const [a, b] = [podmanContainer('a'), podmanContainer('b')];
  const { IPv4 } = await pingAround(a, b);
  check('b has the address that was asked for', IPv4 === STATIC.ip, IPv4);
  const { stdout: mac } = await b.exec('cat', '/sys/class/net/eth0/address');
  check('b has the MAC address that was asked for', mac.trim() === STATIC.mac, mac);
  await checkServed('the host reaches b', STATIC.ip);
  await checkServed('the published port leads to b', `${GATEWAY.IPv4}:${PORT}`);
  const ping = ['ping', '-c', '1', '-W', '3', STATIC.ip];
  podman('run --rm pings b', 'run', '--rm', '--net=clients', RAW, IMAGE, ...ping);

  // A network of podman's own making: bridge, portmap, firewall and tuning in one chain.
  podman('network create', 'network', 'create', '--subnet=10.89.0.0/24', 'second');
  podman('network connect', 'network', 'connect', 'second', 'a');
  podman('a has a second interface', 'exec', 'a', 'ip', 'addr', 'show', 'dev', 'eth1');
  podman('network disconnect', 'network', 'disconnect', 'second', 'a');
  podman('network rm', 'network', 'rm', 'second');

  podman('restart a', 'restart', '-t0', 'a');
  podman('network reload', 'network', 'reload', 'a');
  podman('a pings b after the reload', 'exec', 'a', ...ping);
  podman('rm', 'rm', '-f', '-t0', 'a', 'b');
}
