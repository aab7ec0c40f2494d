/**
 * Masquerade by the iptables programs, for kernels without nf_tables and for configurations that
 * ask for it. Chain, comments and rules have the reference's text and order, so that each
 * implementation finds the other's.
 *
 *     -N CNI-c2d892b58e87e28a12fe6479
 *     -A CNI-… -d 10.1.2.3/24 -m comment --comment 'name: "net1" id: "c1"' -j ACCEPT
 *     -A CNI-… ! -d 224.0.0.0/4 -m comment --comment … -j MASQUERADE
 *     -A POSTROUTING -s 10.1.2.3 -m comment --comment … -j CNI-…
 *
 * reference: pkg/ip/ipmasq_iptables_linux.go of containernetworking/plugins 1.9.1; iptables(8),
 * iptables-restore(8).
 */
import { EACCES, ENOENT, errnoText, ETIMEDOUT } from '../../sys/errno.ts';
import { thisProcess } from '../../sys/process.ts';
import { CniError, INTERNAL, PLUGIN_NOT_AVAILABLE } from '../../cni/errors.ts';
import { PROGRAM_TIMEOUT } from '../../cni/program-timeout.ts';
import type { Masqueraded, Others, WholeMasquerade } from './backend.ts';
import {
  families,
  nftFamilyOf,
  hostOf,
  iptablesChain,
  iptablesComment,
  isIptablesChain,
  MULTICAST,
  type Family,
} from './rule-names.ts';
import { hasLegacyNat } from './rule-tables.ts';

const PROGRAMS: Readonly<Record<Family, string>> = { ip: 'iptables', ip6: 'ip6tables' };
/** Programs for the kernel's legacy tables, where `iptables` is the one over nf_tables. */
const LEGACY_PROGRAMS = { ip: 'iptables-legacy', ip6: 'ip6tables-legacy' } as const;
export const iptablesMasquerade = (): WholeMasquerade => ({
  name: 'iptables',
  add: (entry, others) => addRules(entry, others),
  // Rules in nf_tables are removed over netlink, without a program: reference.ts.
  del: (entry) =>
    families.filter(hasLegacyNat).forEach((family) => remove(legacyToolOf(family), family, entry)),
  check: (entry) =>
    familiesOf(entry).flatMap((family) =>
      rulesOf(family, entry)
        .filter((rule) => !succeeds(toolOf(family), '-C', rule))
        .map((rule) => `${PROGRAMS[family]} rule "-t nat -A ${text(rule)}" is missing`),
    ),
  // The chains belong to containers, not to networks.
  knows: () => true,
});

/**
 * Whether `iptables` exists and finds a nat table: exit status 1 means an empty chain, or one that
 * nft(8) has made with what iptables does not know; 3 means a kernel without the table. Any other
 * failure proves nothing, and is no reason to choose another back end.
 */
export function iptablesUsable(): boolean {
  const { code, stderr } = toolOf('ip').run('-t', 'nat', '-S', 'POSTROUTING', '1');
  if (code === MISSING || code === 3) return false;
  if (stderr.includes('incompatible')) {
    throw new CniError(PLUGIN_NOT_AVAILABLE, 'ipMasq cannot be set up', stderr.trim());
  }
  if (code > 1) throw failed('iptables -t nat -S POSTROUTING', code, stderr);
  return true;
}

const isOf = (family: Family, address: string): boolean => nftFamilyOf(address) === family;
const familiesOf = ({ addresses }: Masqueraded): Family[] =>
  families.filter((family) => addresses.some((address) => isOf(family, address)));

/** The words of a rule, beginning with the chain. */
type Rule = readonly string[];

function rulesOf(family: Family, entry: Masqueraded): Rule[] {
  const chain = iptablesChain(entry);
  const comment = ['-m', 'comment', '--comment', iptablesComment(entry)];
  const own = entry.addresses.filter((address) => isOf(family, address));
  return own.flatMap((address) => [
    [chain, '-d', address, ...comment, '-j', 'ACCEPT'],
    [chain, '!', '-d', MULTICAST[family], ...comment, '-j', 'MASQUERADE'],
    ['POSTROUTING', '-s', hostOf(address), ...comment, '-j', chain],
  ]);
}

/**
 * ADD, for `more` attachments as well. Returns a function that undoes it for the first one only.
 */
export function addRules(
  entry: Masqueraded,
  others: Others = () => [],
  more: readonly Masqueraded[] = [],
): () => void {
  const own = familiesOf(entry);
  const undo = (): void => own.forEach((family) => remove(toolOf(family), family, entry));
  try {
    for (const family of own) add(family, entry, others, more);
  } catch (error) {
    // Including the family that failed: possibly only its answer was lost.
    try {
      undo();
    } catch {
      // The first error is the one to report.
    }
    throw error;
  }
  return undo;
}

/**
 * Adds all rules in one transaction. In a chain that is in use already only what is missing is
 * added. Where no rules are left, those of other attachments are restored.
 */
function add(
  family: Family,
  entry: Masqueraded,
  others: Others,
  more: readonly Masqueraded[],
): void {
  const tool = toolOf(family);
  const used = new Set<string>();
  for (const line of listChain(tool, 'POSTROUTING') ?? []) {
    const [, chain = ''] = / -j (\S+)$/.exec(line) ?? [];
    if (isIptablesChain(chain)) used.add(chain);
  }
  const chains = new Set<string>();
  const rules: Rule[] = [];
  for (const each of [entry, ...more, ...(used.size > 0 ? [] : others())]) {
    const chain = iptablesChain(each);
    const wanted = rulesOf(family, each);
    if (!used.has(chain)) {
      if (wanted.length > 0) chains.add(chain);
      rules.push(...wanted);
    } else if (each === entry) {
      rules.push(...wanted.filter((rule) => !succeeds(tool, '-C', rule)));
    }
  }
  if (rules.length === 0) return;
  restore(tool, [
    ...[...chains].map((chain) => `:${chain} - [0:0]`),
    ...unique(rules).map((rule) => `-A ${text(rule)}`),
  ]);
}

/**
 * Two addresses of a family yield the rule for multicast twice; the reference checks before it
 * adds.
 */
const unique = (rules: readonly Rule[]): Rule[] => [
  ...new Map(rules.map((rule) => [text(rule), rule])).values(),
];

/**
 * Removes the jumps to the attachment's chain from other chains, and the chain itself. The chain
 * stays while another attachment of the container jumps to it.
 */
function remove(tool: Tool, family: Family, entry: Masqueraded): void {
  const chain = iptablesChain(entry);
  const jumps =
    listChain(tool, 'POSTROUTING')?.filter((line) => line.includes(` -j ${chain}`)) ?? [];
  const hosts = entry.addresses.filter((address) => isOf(family, address)).map(hostOf);
  const mine = jumps.filter(
    (line) => entry.addresses.length === 0 || hosts.some((host) => line.includes(` -s ${host}/`)),
  );
  const last = mine.length === jumps.length && listChain(tool, chain) !== undefined;
  const lines = mine.map((line) => line.replace(/^-A/, '-D'));
  if (last) lines.push(`-F ${chain}`, `-X ${chain}`);
  if (lines.length > 0) restore(tool, lines);
}

/**
 * The lines of `-S CHAIN`; undefined when there is no such chain. A chain that cannot be read does
 * not count as empty.
 */
function listChain(tool: Tool, chain: string): string[] | undefined {
  const { code, stdout, stderr } = tool.run('-t', 'nat', '-S', chain);
  if (code === 0) return stdout.split('\n').filter((line) => line.startsWith('-A'));
  if (code === MISSING || (code === 1 && /No chain|does not exist/.test(stderr))) return undefined;
  throw failed(`${tool.name} -t nat -S ${chain}`, code, stderr);
}

/** Exit status 1 and 2 mean that the rule, or something that it names, does not exist. */
function succeeds(tool: Tool, command: string, rule: Rule): boolean {
  const { code, stderr } = tool.run('-t', 'nat', command, ...rule);
  if (code > 2) throw failed(`${tool.name} -t nat ${command}`, code, stderr);
  return code === 0;
}

const failed = (command: string, code: number, stderr: string, details?: string): CniError =>
  new CniError(INTERNAL, `${command}: exit ${code}: ${stderr.trim()}`, details);

/** One transaction on the nat table; the rest of the table is not changed. */
function restore(tool: Tool, lines: readonly string[]): void {
  const { code, stderr } = tool.restore(['*nat', ...lines, 'COMMIT', ''].join('\n'));
  if (code !== 0) throw failed(`${tool.name}-restore`, code, stderr, lines.join('\n'));
}

/**
 * Words as iptables-restore reads them: quotes around words with blanks, a backslash before quotes.
 */
const text = (words: Rule): string =>
  words
    .map((word) => (/[\s"\\]/.test(word) ? `"${word.replace(/["\\]/g, '\\$&')}"` : word))
    .join(' ');

/** Bytes; a node with ten thousand containers lists some megabytes. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/** The exit status for a program that does not exist. */
const MISSING = -1;

interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The programs of one family: iptables and its `-restore`. `-w` waits while another process holds
 * the lock.
 */
interface Tool {
  readonly name: string;
  run(...args: readonly string[]): Finished;
  restore(input: string): Finished;
}

const tool = (name: string): Tool => ({
  name,
  run: (...args) => execute(name, ['-w', ...args]),
  restore: (input) => execute(`${name}-restore`, ['-w', '--noflush'], input),
});

const toolOf = (family: Family): Tool => tool(PROGRAMS[family]);

function legacyToolOf(family: Family): Tool {
  const legacy = tool(LEGACY_PROGRAMS[family]);
  return legacy.run('--version').code === 0 ? legacy : toolOf(family);
}

function execute(program: string, args: readonly string[], input = ''): Finished {
  const ended = thisProcess.run(program, args, {
    input: new TextEncoder().encode(input),
    timeout: PROGRAM_TIMEOUT,
    maxOutput: MAX_OUTPUT,
  });
  const { errno, signal } = ended;
  if (errno === ENOENT || errno === EACCES) {
    return { code: MISSING, stdout: '', stderr: errnoText(errno) };
  }
  // It may have done all of it, some of it or nothing, so this is no answer.
  if (errno !== undefined || signal !== undefined) {
    const why =
      errno === ETIMEDOUT
        ? `did not end in ${PROGRAM_TIMEOUT / 1000} s`
        : errno === undefined
          ? `ended by ${signal}`
          : errnoText(errno);
    const details = errno === ETIMEDOUT ? 'see who holds its lock, /run/xtables.lock' : '';
    throw new CniError(INTERNAL, `${program} ${args.join(' ')}: ${why}`, details);
  }
  const [stdout, stderr] = [ended.stdout, ended.stderr].map((bytes) =>
    new TextDecoder().decode(bytes),
  );
  return { code: ended.status!, stdout: stdout!, stderr: stderr! };
}
