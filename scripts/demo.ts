/**
 * `npm run demo`: two network namespaces stand for two containers; both are attached to a new
 * bridge by executing `dist/cni/bin/bridge` the way a container runtime does, reach each other, and
 * are detached again.
 *
 * Whether the demo finishes, fails or is ended by Ctrl-C, the host is left unchanged. So everything
 * is synchronous except for the moments between two steps, in which signals are handled.
 *
 *     npm run demo               on this host, as root
 *     npm run demo -- --uml      in user-mode Linux
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  createNamespace,
  deleteNamespace,
  listNamespaces,
  NETNS_DIRECTORY,
} from '../src/netlink/namespace.ts';
import { open } from '../src/rtnl/open.ts';
import { outputOf } from '../test/harness/program.ts';
import { buildCni } from './build-cni.ts';
import { type Answer, type Attach, execPlugin } from './cni-runtime.ts';
import { requirePackages } from './debian.ts';
import { requireHostKernel } from './host-kernel.ts';
import { runInUml } from './uml.ts';

const ROOT = resolve(import.meta.dirname, '..');
const BINARY = join(ROOT, 'dist/cni/bin/bridge');
const IP_FORWARD = '/proc/sys/net/ipv4/ip_forward';

/** Names with our process id are not used by anything else. */
const NAME = `demo${process.pid}`;
const CONTAINERS = [`${NAME}-a`, `${NAME}-b`] as const;
const LEASES = join(tmpdir(), `${NAME}-leases`);

/**
 * The network, as it would stand in /etc/cni/net.d. The subnet is one for documentation, RFC 5737.
 */
const NETWORK = {
  cniVersion: '1.1.0',
  name: NAME,
  type: 'bridge',
  bridge: NAME,
  isDefaultGateway: true,
  ipam: { type: 'host-local', dataDir: LEASES, ranges: [[{ subnet: '198.51.100.0/24' }]] },
};

interface Result {
  readonly ips: readonly { readonly address: string; readonly gateway: string }[];
}

/** Prints a step, does it, and lets signals be handled. */
async function step<T>(text: string, work: () => T): Promise<T> {
  console.log(text);
  const done = work();
  await setImmediate();
  return done;
}

function attach(command: Attach['command'], container: string): Answer {
  const netns = `${NETNS_DIRECTORY}/${container}`;
  return execPlugin(BINARY, { command, containerId: container, netns, ifname: 'eth0' }, NETWORK);
}

function call(command: Attach['command'], container: string): string {
  const answer = attach(command, container);
  if (answer.code !== 0) throw new Error(`${command} ${container}: ${answer.stdout}`);
  return answer.stdout;
}

const inside = (container: string, ...command: string[]): string =>
  outputOf('ip', 'netns', 'exec', container, ...command);

function ping(from: string, to: string): string {
  const time = /time=([\d.]+) ms/.exec(inside(from, 'ping', '-n', '-c', '1', '-W', '5', to));
  return `${to} answers in ${time![1]} ms`;
}

interface Port {
  readonly ifname: string;
  readonly state: string;
}

const ports = (): string =>
  (JSON.parse(outputOf('bridge', '-j', 'link', 'show')) as (Port & { master?: string })[])
    .filter(({ master }) => master === NAME)
    .map(({ ifname, state }) => `${ifname} ${state}`)
    .join(', ');

const leases = (): string => {
  const folder = join(LEASES, NAME);
  return readdirSync(folder)
    .filter((name) => /^[\d.]+$/.test(name))
    .map((name) => `${name} ${readFileSync(join(folder, name), 'utf8').split(/\s+/).join(' ')}`)
    .join(', ');
};

async function demo(): Promise<void> {
  await step(`building ${BINARY.slice(ROOT.length + 1)}`, buildCni);
  undoAtExit();
  await step(`two network namespaces: ${CONTAINERS.join(', ')}`, () => {
    for (const name of CONTAINERS) createNamespace(name).close();
  });
  const results: Result[] = [];
  for (const container of CONTAINERS) {
    const text = await step(`ADD eth0 to ${container}:`, () => call('ADD', container));
    const result = JSON.parse(text) as Result;
    console.log(`  ${JSON.stringify(result)}`);
    results.push(result);
  }
  const { gateway } = results[0]!.ips[0]!;
  const addresses = results.map(({ ips }) => ips[0]!.address.split('/')[0]!);
  for (const [index, container] of CONTAINERS.entries()) {
    const neighbour = addresses[1 - index]!;
    await step(`ping from ${container}:`, () =>
      console.log(`  gateway ${ping(container, gateway)}, neighbour ${ping(container, neighbour)}`),
    );
  }
  console.log(`ports of ${NAME}: ${ports()}`);
  console.log(`leases: ${leases()}`);
  for (const container of CONTAINERS) {
    await step(`DEL eth0 of ${container}`, () => call('DEL', container));
  }
  console.log(`what is left: ports: ${ports() || 'none'}; leases: ${leases() || 'none'}`);
  await step('removing the bridge and the namespaces', cleanUp);
}

let forwarding: string | undefined;

/** From here on there is something to undo. */
function undoAtExit(): void {
  forwarding = readFileSync(IP_FORWARD, 'utf8');
  process.on('exit', cleanUp);
  const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
  for (const [signal, code] of Object.entries(codes)) process.on(signal, () => process.exit(code));
}

/** Removes whatever the demo has made. */
function cleanUp(): void {
  const present = listNamespaces();
  for (const container of CONTAINERS.filter((name) => present.includes(name))) {
    attempt(() => detach(container));
    attempt(() => deleteNamespace(container));
  }
  attempt(() => {
    using rt = open();
    if (rt.links.find(NAME) !== undefined) rt.links.delete(NAME);
  });
  attempt(() => rmSync(LEASES, { recursive: true, force: true }));
  // ADD enables forwarding on the host, as a gateway must.
  attempt(() => {
    if (readFileSync(IP_FORWARD, 'utf8') !== forwarding) writeFileSync(IP_FORWARD, forwarding!);
  });
}

/** A Ctrl-C between fork and exec still reaches the new process, so DEL is called again then. */
function detach(container: string): void {
  let code = -1;
  for (let i = 0; i < 3 && code < 0; i++) code = attach('DEL', container).code;
  if (code !== 0) throw new Error(`DEL ${container}: exit ${code}`);
}

function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    console.error(`cleaning up: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

try {
  requirePackages('iproute2', 'iputils-ping');
  if (process.argv.includes('--uml')) {
    buildCni();
    const onOutput = (text: string): void => void process.stdout.write(text);
    const { code } = await runInUml([process.execPath, import.meta.filename], { onOutput });
    process.exitCode = code ?? 1;
  } else {
    await requireHostKernel('in user-mode Linux it is: npm run demo -- --uml');
    await demo();
  }
} catch (error) {
  // That Ctrl-C ended a program is not an error in itself.
  await setImmediate();
  console.error((error as Error).message);
  process.exitCode = 1;
}
