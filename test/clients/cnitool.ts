/**
 * cnitool, libcni on the command line, on network namespaces that stand for containers: ADD, CHECK,
 * DEL, and of a newer version STATUS and GC.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { outputOf, program } from '../harness/program.ts';
import { check, fails, succeeds } from './checks.ts';
import { bridgeList, latestList, type List, writeList } from './network.ts';
import { checkWhoMadePairs, type Stage } from './stage.ts';
import { cnitoolPath, type CnitoolVersion, LIBCNI_GC } from './supplies.ts';
import { type Container, pingAround } from './traffic.ts';

const CACHE = '/var/lib/cni/results';

const namespaceOf = (name: string): string => `/run/netns/${name}`;

export function makeContainer(name: string): Container {
  outputOf('ip', 'netns', 'add', name);
  return { name, exec: (...command) => program('ip', 'netns', 'exec', name, ...command) };
}

export const removeContainer = (name: string): string => outputOf('ip', 'netns', 'del', name);

/** Prepares cnitool for a network and returns a function that calls it for a container. */
export function configureCnitool(
  networks: string,
  list: List,
  plugins: readonly string[],
  version: CnitoolVersion = '1.1.2',
) {
  writeList(networks, list);
  const words = [`CNI_PATH=${plugins.join(':')}`, `NETCONFPATH=${networks}`];
  return (verb: string, container: string, ...env: string[]): [string, ...string[]] => [
    'env',
    ...words,
    ...env,
    cnitoolPath(version),
    verb,
    list.name,
    namespaceOf(container),
  ];
}

export async function runCnitool(stage: Stage): Promise<void> {
  const networks = stage.makeFolder('net.d');
  const cnitool = configureCnitool(networks, bridgeList(stage.leases), stage.plugins);
  const [a, b] = [makeContainer('a'), makeContainer('b')];
  const port = { hostPort: 18082, containerPort: 80, protocol: 'tcp' };
  const ofB = [`CAP_ARGS=${JSON.stringify({ portMappings: [port] })}`, 'CNI_IFNAME=net0'];
  succeeds('add a', ...cnitool('add', 'a'));
  succeeds('add b with a port, under another interface name', ...cnitool('add', 'b', ...ofB));
  checkWhoMadePairs(stage);
  succeeds('check a', ...cnitool('check', 'a'));
  // Without the port: portmap 1.1.1 does not find its own rules when there are addresses of both
  // families.
  succeeds('check b', ...cnitool('check', 'b', ofB[1]!));
  const addresses = await pingAround(a, b, 'net0');
  await b.exec('ip', 'addr', 'del', `${addresses.IPv4}/24`, 'dev', 'net0');
  const missing = new RegExp(addresses.IPv4.replaceAll('.', '\\.'));
  fails('check b without its address', missing, ...cnitool('check', 'b', ofB[1]!));
  succeeds('del a', ...cnitool('del', 'a'));
  succeeds('del a again', ...cnitool('del', 'a'));
  removeContainer('b');
  succeeds('del b without its namespace', ...cnitool('del', 'b', ...ofB));
  removeContainer('a');
}

export async function runLatestCnitool(stage: Stage): Promise<void> {
  const networks = stage.makeFolder('net.d');
  const cnitool = configureCnitool(networks, latestList(stage.leases), stage.plugins, '1.3.0');
  const [a, b] = [makeContainer('a'), makeContainer('b')];
  succeeds('status', ...cnitool('status', 'a'));
  for (const name of ['a', 'b']) succeeds(`add ${name}`, ...cnitool('add', name));
  checkWhoMadePairs(stage);
  for (const name of ['a', 'b']) succeeds(`check ${name}`, ...cnitool('check', name));
  await pingAround(a, b);

  // GC of libcni calls DEL for what its cache knows of; the rest is left to the plugin, which gets
  // the list.
  const [kept, forgotten] = cached();
  rmSync(join(CACHE, forgotten!.file));
  const gc = [
    'env',
    `CNI_PATH=${stage.plugins.join(':')}`,
    LIBCNI_GC,
    networks,
    'clients',
  ] as const;
  succeeds('gc that keeps one attachment', ...gc, kept!.attachment);
  check(
    'gc detaches the other, and not that one',
    aliases().join() === `clients/${kept!.attachment}`,
    aliases().join(),
  );
  succeeds('check after gc', ...cnitool('check', kept!.name));
  succeeds('gc of cnitool, which keeps what is not in the cache', ...cnitool('gc', 'a'));
  check('gc of cnitool detaches what is in the cache', aliases().length === 0, aliases().join());
  succeeds('add a again', ...cnitool('add', 'a'));
  rmSync(join(CACHE, cached()[0]!.file));
  succeeds('gc that keeps nothing', ...gc);
  check('gc detaches all', aliases().length === 0, aliases().join());

  outputOf('ip', 'link', 'del', 'clients0');
  outputOf('ip', 'link', 'add', 'clients0', 'type', 'veth', 'peer', 'name', 'intruder');
  fails('status says that the bridge is none', /clients0/, ...cnitool('status', 'a'));
  outputOf('ip', 'link', 'del', 'clients0');
  succeeds('status is good again', ...cnitool('status', 'a'));
  for (const name of ['a', 'b']) removeContainer(name);
}

interface Cached {
  readonly file: string;
  /** Container and interface. */
  readonly attachment: string;
  /** What we call the container. */
  readonly name: string;
}

/** What libcni remembers. */
const cached = (): Cached[] =>
  readdirSync(CACHE).map((file) => {
    const entry = JSON.parse(readFileSync(join(CACHE, file), 'utf8')) as {
      readonly containerId: string;
      readonly ifName: string;
      readonly netns: string;
    };
    const { containerId, ifName, netns } = entry;
    return { file, attachment: `${containerId}/${ifName}`, name: basename(netns) };
  });

/** Of the ports of the bridge: whose they are. */
const aliases = (): string[] =>
  (
    JSON.parse(outputOf('ip', '-j', 'link', 'show', 'master', 'clients0')) as {
      readonly ifalias?: string;
    }[]
  ).flatMap(({ ifalias }) => ifalias ?? []);
