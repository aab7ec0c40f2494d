/**
 * ipvlan under podman and cnitool, in each mode. Only user-mode Linux has this kind of link for
 * certain.
 */
import { outputOf, program } from '../harness/program.ts';
import { beginSection, check, succeeds } from './checks.ts';
import { configureCnitool, makeContainer, removeContainer } from './cnitool.ts';
import { configureContainers } from './containers-conf.ts';
import { GATEWAY, ipvlanList, writeList } from './network.ts';
import { IMAGE, podman, podmanContainer, RAW } from './podman.ts';
import { checkWhoAttached, type Stage } from './stage.ts';
import { ROOT_FS } from './supplies.ts';
import { pingEachOther, pings } from './traffic.ts';

const STATIC = '10.88.0.77';

export async function runIpvlan(stage: Stage): Promise<void> {
  const networks = configureContainers(stage);
  podman('image import', 'import', ROOT_FS, IMAGE);
  // A master takes children of one mode at a time.
  for (const mode of ['l2', 'l3', 'l3s']) {
    beginSection(mode);
    const list = ipvlanList(stage.leases, mode);
    writeList(networks, list);
    await underPodman(stage, mode);
    const cnitool = configureCnitool(stage.makeFolder(mode), list, stage.plugins);
    makeContainer('c');
    for (const verb of ['add', 'check', 'del']) succeeds(`cnitool ${verb}`, ...cnitool(verb, 'c'));
    succeeds('cnitool del again', ...cnitool('del', 'c'));
    const left = outputOf('ip', '-n', 'c', '-br', 'link').trim().split('\n');
    check('the link of c is gone', left.length === 1, left.join());
    removeContainer('c');
  }
}

async function underPodman(stage: Stage, mode: string): Promise<void> {
  podman('run a', 'run', '-d', '--name=a', '--net=clients', RAW, IMAGE, 'sleep', '1000');
  const net = `--net=clients:ip=${STATIC}`;
  podman('run b', 'run', '-d', '--name=b', net, RAW, IMAGE, 'sleep', '1000');
  const path = outputOf('podman', 'inspect', 'a', '--format', '{{.NetworkSettings.SandboxKey}}');
  const enter = `--net=${path.trim()}`;
  const link = program('nsenter', enter, 'ip', '-d', 'link', 'show', 'dev', 'eth0').stdout;
  check(`a has a link of mode ${mode}`, new RegExp(`ipvlan +mode ${mode} `).test(link), link);
  checkWhoAttached(stage, link);
  const [a, b] = [podmanContainer('a'), podmanContainer('b')];
  const [, ofB] = await pingEachOther(a, b);
  check('b has the address that was asked for', ofB.IPv4 === STATIC, ofB.IPv4);
  // In the other modes nobody outside knows the way to the containers.
  if (mode === 'l2') for (const container of [a, b]) await pings(container, 'the gateway', GATEWAY);
  podman('rm', 'rm', '-f', '-t0', 'a', 'b');
}
