/**
 * containerd as a kubelet drives it: `loopback` beside the network, five CNI_ARGS in random order,
 * and DEL twice, the second time without a namespace.
 */
import { basename } from 'node:path';
import { check, eventually, succeeds } from './checks.ts';
import { startContainerd } from './containerd.ts';
import { connectCri, type Cri, type Pod } from './cri-client.ts';
import { GATEWAY, bridgeList, writeList } from './network.ts';
import { checkWhoMadePairs, onePluginFolder, type Stage } from './stage.ts';
import {
  PAUSE_IMAGE_FILE,
  PAUSE_IMAGE_NAME,
  SHELL_IMAGE_FILE,
  SHELL_IMAGE_NAME,
} from './supplies.ts';
import { checkServed, type Container, pingAround, SERVE } from './traffic.ts';

const PORT = 18081;
const A: Pod = { name: 'a' };
const B: Pod = { name: 'b', port: [PORT, 80] };

export async function runCri(stage: Stage): Promise<void> {
  const networks = stage.makeFolder('net.d');
  writeList(networks, bridgeList(stage.leases));
  // A machine may have no CAP_SYS_RESOURCE to spend on the score.
  const config = `[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${PAUSE_IMAGE_NAME}"
disable_apparmor = true
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "native"
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "${onePluginFolder(stage)}"
conf_dir = "${networks}"`;
  const { socket, stop } = await startContainerd(stage, config);
  for (const file of [SHELL_IMAGE_FILE, PAUSE_IMAGE_FILE])
    succeeds(
      `import of ${basename(file)}`,
      'ctr',
      '-a',
      socket,
      '-n',
      'k8s.io',
      'image',
      'import',
      file,
    );
  const cri = connectCri(socket);
  const isReady = async (): Promise<boolean> => (await cri.unmet()).length === 0;
  check('runtime and network are ready', await eventually(isReady));
  await pods(stage, cri);
  cri.close();
  await stop();
}

async function pods(stage: Stage, cri: Cri): Promise<void> {
  const ids = [await cri.runPod(A), await cri.runPod(B)] as const;
  const container = async (id: string, pod: Pod, command: string[]): Promise<Container> => {
    const made = await cri.startContainer(id, pod, SHELL_IMAGE_NAME, command);
    return { name: pod.name, exec: (...words) => cri.exec(made, words) };
  };
  const a = await container(ids[0], A, ['sleep', '1000']);
  const b = await container(ids[1], B, SERVE);
  checkWhoMadePairs(stage);
  const { IPv4, IPv6 } = await pingAround(a, b);
  const told = await cri.addressesOf(ids[1]);
  check('the pod status tells the addresses', told.join() === `${IPv4},${IPv6}`, told.join());
  await checkServed('the published port leads to b', `${GATEWAY.IPv4}:${PORT}`);
  const lo = await a.exec('ip', 'addr', 'show', 'dev', 'lo');
  check('loopback is up', /\bUP\b.*127\.0\.0\.1\/8/s.test(lo.stdout), lo.stdout);
  for (const id of ids) {
    await cri.stopPod(id);
    await cri.removePod(id);
  }
}
