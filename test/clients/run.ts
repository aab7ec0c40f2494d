/**
 * `npm run test:clients [-- CLIENT ...] [--reference]`: programs that nobody here wrote attach
 * containers with our plugins, then the same with the reference's, so that a difference shows.
 *
 * Each check is a line. What only the reference fails is told as a difference; what ours fail is a
 * failure, and so is the exit code. `--reference` runs the reference's only. A client that cannot
 * be had is skipped, with the reason.
 */
import { buildCni } from '../../scripts/build-cni.ts';
import { requirePackages } from '../../scripts/debian.ts';
import { requireHostKernel } from '../../scripts/host-kernel.ts';
import { buildCnitool } from './build-cnitool.ts';
import type { Outcome } from './checks.ts';
import { type Client, CLIENTS } from './clients.ts';
import { runInSandbox } from './sandbox.ts';
import { type Whose, WHOSE } from './stage.ts';
import { makeImages } from './supplies.ts';

interface Report {
  readonly client: Client;
  readonly outcomes: Readonly<Record<Whose, Outcome[]>>;
  readonly seconds: number;
  /** Why it did not run. */
  readonly skipped?: string;
}

const words = process.argv.slice(2);
const sides = words.includes('--reference') ? (['reference'] as const) : WHOSE;

try {
  const chosen = chooseClients(words.filter((word) => word !== '--reference'));
  await requireHostKernel('and the clients have no other');
  requirePackages('iproute2', 'iputils-ping', 'nftables', 'iptables', 'busybox-static');
  requirePackages('containernetworking-plugins');
  buildCni();
  makeImages();
  const reports: Report[] = [];
  for (const client of chosen) reports.push(await runClient(client));
  tell(reports);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

/** All when none is named; `cnitool` means every version of it. */
function chooseClients(names: readonly string[]): readonly Client[] {
  const isMeant = (client: Client, name: string): boolean =>
    client.name === name || client.name.startsWith(`${name}-`);
  const unknown = names.find((name) => !CLIENTS.some((client) => isMeant(client, name)));
  if (unknown !== undefined) {
    const all = CLIENTS.map(({ name }) => name).join(', ');
    throw new Error(`no client ${unknown}; there are ${all}, and the option --reference`);
  }
  return CLIENTS.filter(
    (client) => names.length === 0 || names.some((name) => isMeant(client, name)),
  );
}

async function runClient(client: Client): Promise<Report> {
  const started = performance.now();
  const outcomes: Record<Whose, Outcome[]> = { ours: [], reference: [] };
  const report = (skipped?: string): Report => {
    const seconds = (performance.now() - started) / 1000;
    return { client, outcomes, seconds, ...(skipped === undefined ? {} : { skipped }) };
  };
  console.log(`\n${client.name}`);
  try {
    requirePackages(...client.packages);
    if (client.cnitool !== undefined) await buildCnitool(client.cnitool);
  } catch (error) {
    console.log(`  skipped: ${(error as Error).message}`);
    return report((error as Error).message);
  }
  for (const whose of sides) {
    if (whose === 'reference' && client.noReference !== undefined) {
      console.log(`  reference: left out, ${client.noReference}`);
      continue;
    }
    await runInSandbox(client, whose, (outcome) => {
      outcomes[whose].push(outcome);
      const line = `${outcome.title}${outcome.holds ? '' : `: ${outcome.words}`}`;
      console.log(`  ${whose.padEnd(9)} ${outcome.holds ? 'ok  ' : 'FAIL'} ${line}`);
    });
  }
  return report();
}

/** The table, the differences, the closing line. */
function tell(all: readonly Report[]): void {
  const row = (...cells: string[]): void =>
    console.log(cells.map((cell) => cell.padEnd(14)).join(''));
  console.log();
  row('client', 'ours', 'reference', 'seconds');
  for (const { client, outcomes, seconds, skipped } of all) {
    const cells = WHOSE.map((whose) => count(outcomes[whose]));
    row(client.name, ...(skipped === undefined ? cells : ['skipped', '-']), seconds.toFixed(1));
  }
  const differences = all.flatMap(({ client, outcomes }) => onlyReference(client, outcomes));
  if (differences.length > 0) {
    console.log('\nonly the reference fails:');
    for (const line of differences) console.log(`  ${line}`);
  }
  const counted = all.flatMap(({ outcomes }) => outcomes[sides[0]!]);
  const failed = counted.filter(({ holds }) => !holds).length;
  const skipped = all.filter((report) => report.skipped !== undefined).length;
  console.log(`\n${counted.length - failed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}

function count(outcomes: readonly Outcome[]): string {
  const good = outcomes.filter(({ holds }) => holds).length;
  return outcomes.length === 0 ? '-' : `${good} of ${outcomes.length}`;
}

function onlyReference(client: Client, { ours, reference }: Report['outcomes']): string[] {
  const good = new Set(ours.filter(({ holds }) => holds).map(({ title }) => title));
  return reference
    .filter(({ title, holds }) => !holds && good.has(title))
    .map((outcome) => `${client.name}: ${outcome.title}: ${outcome.words}`);
}
