/**
 * Where a case takes place: a network namespace that stands for the host, others for containers, a
 * folder for leases, and a plugin. All of it is removed afterwards, with every process that is
 * still in there.
 */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isAtLeast } from '../cni/version.ts';
import {
  createNamespace,
  deleteNamespace,
  inNamespace,
  listNamespaces,
  type Namespace,
} from '../netlink/namespace.ts';
import { open, type Rtnl } from '../rtnl/open.ts';
import { demand } from './case.ts';
import { type Answer, type Command, execute, outcome } from './execute.ts';
import type { Json, Profile } from './profiles.ts';
import { differences, setting, stateOf } from './state.ts';

const PREFIX = 'netlink-ts-conformance-';
/** The network that the cases are about. */
export const NETWORK = 'conformance';
export const SUBNET = '10.87.0.0/24';
/** The newest version of the specification that the cases are about. */
const NEWEST = '1.1.0';
/** The name of the IPAM plugin that a case writes. */
export const DELEGATE = 'conformance-ipam';
/**
 * Where plugins find iptables and other programs. npm puts the folders of packages first, and there
 * is one with a program `nft` that is not nft(8).
 */
const PATH = [
  ...(process.env['PATH'] ?? '').split(':').filter((each) => !each.includes('node_modules')),
  ...['/usr/sbin', '/usr/bin', '/sbin', '/bin'],
].join(':');

/** Notes what it was given, and answers what the case says. */
const SCRIPT = `#!/bin/sh
folder=\${0%/*}
echo "$CNI_COMMAND" >>"$folder/calls"
cat >"$folder/stdin.$CNI_COMMAND"
env >"$folder/env.$CNI_COMMAND"
[ -f "$folder/stdout.$CNI_COMMAND" ] || exit 0
cat "$folder/stdout.$CNI_COMMAND"
exit "$(cat "$folder/status.$CNI_COMMAND")"
`;

/** Those that have to be removed if the process is interrupted. */
const LIVE = new Set<Stage>();

/** A plugin in a folder, and what VERSION says of it. */
export interface Subject {
  readonly profile: Profile;
  readonly folder: string;
  readonly versions: readonly string[];
  /** Milliseconds for one call. */
  readonly timeout: number;
  /** Milliseconds for what the kernel does in the background. */
  readonly patience: number;
}

/** Who is attached: what the runtime tells in the environment. */
export interface Attachment {
  readonly containerId: string;
  readonly ifname: string;
  /** The path of the container's namespace. */
  readonly netns: string;
}

export interface Container extends Attachment {
  readonly namespace: Namespace;
  /** Takes its name away; the namespace lives while something holds it open. */
  forget(): void;
  /** Ends it: nothing holds its namespace any longer. */
  end(): void;
}

export interface Call {
  readonly args?: string;
  /** The folders for delegated plugins; by default that of the plugin. */
  readonly path?: string;
  /** Variables to leave out. */
  readonly without?: readonly string[];
  readonly env?: Json;
}

/** A result of version 1.x. */
export interface Result {
  readonly cniVersion: string;
  readonly interfaces?: readonly { name: string; mac?: string; sandbox?: string }[];
  readonly ips?: readonly { address: string; gateway?: string; interface?: number }[];
  readonly routes?: readonly { dst: string; gw?: string }[];
}

/** An IPAM plugin that the case has written, a program of its own. */
export interface Delegate {
  /** For `Call.path`: finds it, and the plugin's neighbours. */
  readonly path: string;
  /** The commands it was called with so far. */
  calls(): string[];
  /** What it was given: the configuration, and the names of its variables with their values. */
  input(command: Command): string;
  env(command: Command): Record<string, string>;
}

let count = 0;

export class Stage {
  readonly host: Namespace;
  /** For leases and the programs of the case. */
  readonly folder: string;
  readonly subject: Subject;
  /** The newest version that the plugin and the cases have in common. */
  readonly version: string;
  readonly #made = new Map<string, Namespace>();
  #containers = 0;

  constructor(subject: Subject) {
    this.subject = subject;
    this.version = subject.versions.filter((each) => isAtLeast(NEWEST, each)).at(-1) ?? '1.0.0';
    this.folder = mkdtempSync(join(tmpdir(), 'conformance-'));
    this.host = this.#namespace();
    LIVE.add(this);
    using rt = this.open();
    rt.links.up('lo');
    subject.profile.prepare?.(rt);
  }

  get profile(): Profile {
    return this.subject.profile;
  }

  get dataDir(): string {
    return join(this.folder, 'leases');
  }

  /** rtnetlink on the host, or in a container. */
  open(netns: Namespace = this.host): Rtnl {
    return open({ netns });
  }

  #namespace(): Namespace {
    const name = `${PREFIX}${process.pid}-${++count}`;
    const made = createNamespace(name);
    this.#made.set(name, made);
    return made;
  }

  /** A new container, which is not attached to anything. */
  container(): Container {
    const namespace = this.#namespace();
    const name = basename(namespace.path);
    const containerId = `c${++this.#containers}`;
    return {
      containerId,
      ifname: 'eth0',
      netns: namespace.path,
      namespace,
      forget: () => deleteNamespace(name),
      end: () => {
        killAllIn(namespace);
        // Its number may belong to another namespace from now on.
        this.#made.delete(name);
        deleteNamespace(name);
        namespace.close();
      },
    };
  }

  /** The configuration of the network; `keys` replace those of the profile. */
  config(keys: Json = {}): Json {
    const { name: type, kind } = this.profile;
    const ipam = kind === 'interface' || type === 'host-local' ? { ipam: this.ranges() } : {};
    const fixed =
      type === 'static' ? { ipam: { type, addresses: [{ address: '10.87.0.9/24' }] } } : {};
    const base = { cniVersion: this.version, name: NETWORK, type };
    return { ...base, ...this.profile.keys, ...ipam, ...fixed, ...keys };
  }

  /** The section `ipam` for host-local. */
  ranges(range: Json = {}): Json {
    return {
      type: 'host-local',
      dataDir: this.dataDir,
      ranges: [[{ subnet: SUBNET, ...range }]],
      routes: [{ dst: '0.0.0.0/0' }],
    };
  }

  /** A range of one address, which is given again only after it was freed. */
  oneAddress(): Json {
    return this.ranges({ rangeStart: '10.87.0.7', rangeEnd: '10.87.0.7' });
  }

  /** `config` is written as JSON, or unchanged if it is text. */
  call(
    command: Command | (string & {}),
    who: Partial<Attachment> = {},
    config: Json | string = this.config(),
    { args, path = this.subject.folder, without = [], env = {} }: Call = {},
  ): Promise<Answer> {
    const given: Json = {
      PATH,
      CNI_COMMAND: command,
      CNI_CONTAINERID: who.containerId,
      CNI_NETNS: who.netns,
      CNI_IFNAME: who.ifname,
      CNI_ARGS: args,
      CNI_PATH: path,
      ...env,
    };
    const kept = Object.entries(given).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string' && !without.includes(pair[0]),
    );
    return execute({
      binary: join(this.subject.folder, this.profile.name),
      env: Object.fromEntries(kept),
      input: typeof config === 'string' ? config : JSON.stringify(config),
      netns: this.host,
      cwd: this.folder,
      timeout: this.subject.timeout,
    });
  }

  /** ADD, which must succeed. */
  async add(who: Attachment, config?: Json, call?: Call): Promise<Result> {
    const answer = await this.call('ADD', who, config, call);
    demand(answer.code === 0, () => `ADD: ${outcome(answer)}`);
    demand(answer.json !== undefined, 'ADD printed no JSON result');
    return answer.json as Result;
  }

  /** Any command that must succeed. */
  async succeed(
    command: Command,
    who: Partial<Attachment>,
    config?: Json,
    call?: Call,
  ): Promise<Answer> {
    const answer = await this.call(command, who, config, call);
    demand(answer.code === 0, () => `${command}: ${outcome(answer)}`);
    return answer;
  }

  /** Any command that must fail, and end by itself. */
  async fail(
    command: Command | (string & {}),
    who: Partial<Attachment>,
    config?: Json | string,
    call?: Call,
  ): Promise<Answer> {
    const answer = await this.call(command, who, config, call);
    demand(!answer.late && answer.signal === undefined, () => `${command}: ${outcome(answer)}`);
    demand(answer.code !== 0, `${command} succeeded`);
    return answer;
  }

  /** An ADD in a container and its DEL: what networks share is there afterwards. */
  async warmUp(config?: Json): Promise<void> {
    const first = this.container();
    await this.add(first, config);
    await this.succeed('DEL', first, config);
  }

  state(): string[] {
    return stateOf(this.host);
  }

  /** Demands that the host is as it was. The kernel may still be at work, so it gets some time. */
  async unchanged(before: readonly string[], after: string, of = /./): Promise<void> {
    const deadline = performance.now() + this.subject.patience;
    const left = (): string[] =>
      differences(before, this.state()).filter((each) => of.test(each.replace(/^.*?: /, '')));
    let found = left();
    while (found.length > 0 && performance.now() < deadline) {
      await pause(50);
      found = left();
    }
    demand(found.length === 0, () => `after ${after}: ${found.slice(0, 3).map(cut).join('; ')}`);
  }

  /** The interface of an attachment, if there is one. */
  interfaceOf({ namespace, ifname }: Pick<Container, 'namespace' | 'ifname'>) {
    using rt = this.open(namespace);
    return rt.links.find(ifname);
  }

  /** A setting below /proc/sys in a namespace. */
  setting(netns: Namespace, name: string): string | undefined {
    return inNamespace(netns, () => setting(name));
  }

  /** Writes an IPAM plugin: for each command what it prints, and its exit status. */
  delegate(answers: Partial<Record<Command, { stdout?: unknown; status?: number }>>): Delegate {
    const folder = join(this.folder, 'delegate');
    mkdirSync(folder);
    const file = (what: string, command: string): string => join(folder, `${what}.${command}`);
    for (const [command, { stdout, status = 0 }] of Object.entries(answers)) {
      const text = typeof stdout === 'string' ? stdout : JSON.stringify(stdout ?? '');
      writeFileSync(file('stdout', command), stdout === undefined ? '' : text);
      writeFileSync(file('status', command), String(status));
    }
    const program = join(folder, DELEGATE);
    writeFileSync(program, SCRIPT);
    chmodSync(program, 0o755);
    return {
      path: `${folder}:${this.subject.folder}`,
      calls: () => textOf(join(folder, 'calls')).split('\n').filter(Boolean),
      input: (command) => textOf(file('stdin', command)),
      env: (command) =>
        Object.fromEntries(
          textOf(file('env', command))
            .split('\n')
            .map((each) => each.split(/=(.*)/s).slice(0, 2) as [string, string]),
        ),
    };
  }

  /** Ends what is still running in its namespaces, and removes everything. */
  remove(): void {
    LIVE.delete(this);
    killAllIn(...this.#made.values());
    for (const [name, namespace] of this.#made) {
      namespace.close();
      if (listNamespaces().includes(name)) deleteNamespace(name);
    }
    this.#made.clear();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Rules of iptables are long, and their first words tell whose they are. */
const cut = (text: string): string => (text.length > 160 ? `${text.slice(0, 160)} …` : text);

/** Removes what runs that were killed have left behind, and all stages of this process. */
export function sweep(): void {
  for (const stage of LIVE) stage.remove();
  for (const name of listNamespaces()) {
    const [, pid] = new RegExp(`^${PREFIX}(\\d+)-\\d+$`).exec(name) ?? [];
    if (pid !== undefined && !present(`/proc/${pid}`)) deleteNamespace(name);
  }
}

const present = (path: string): boolean => {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
};

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Nothing but what a plugin has started can be in a namespace of a stage. The namespaces must be
 * open, because the number of one that has ended is given to another one.
 */
export function killAllIn(...namespaces: readonly Namespace[]): void {
  const links = namespaces.map(({ ino }) => `net:[${ino}]`);
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      if (links.includes(readlinkSync(`/proc/${pid}/ns/net`))) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}
