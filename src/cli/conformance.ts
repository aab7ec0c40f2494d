/**
 * `netlink-ts conformance`: whether any CNI plugins do what the specification demands. They are
 * executed in network namespaces made for the purpose.
 */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Level, LEVELS } from '../conformance/case.ts';
import { CASES } from '../conformance/cases/index.ts';
import { KNOWN } from '../conformance/profiles.ts';
import { isFailure, toJson, toJunit } from '../conformance/report.ts';
import { conformance, pluginsIn, TIMEOUT, type Verdict } from '../conformance/run.ts';
import { sweep } from '../conformance/stage.ts';
import { type Command, type Output, UsageError } from './command.ts';
import { didYouMean } from './hint.ts';
import { styled, table } from './table.ts';

const PLUGIN_DIR = '/opt/cni/bin';

const HELP = `netlink-ts conformance [--plugin-dir DIR] [--plugin NAME]... [--case NAME]... [--strict]
                       [--timeout SECONDS] [--json | --junit]
netlink-ts conformance --list

Executes the CNI plugins of a folder, whoever made them, in network namespaces of its own, and
reports for each what the specification demands and the plugin does or does not do. Needs root;
neither the host's network nor its leases are touched.

Each case has a level: must and should are the specification's words, good is what the documents of
this project promise beyond it. The command fails if a must is not met.

  --plugin-dir DIR   the folder; default ${PLUGIN_DIR}
  --plugin NAME      only this plugin; default: all in the folder. ${KNOWN.join(', ')}
                     are asked for everything, others for the protocol only
  --case NAME        only this case
  --strict           fail as well if a should or a good is not met
  --timeout SECONDS  after which a call of a plugin is killed; default ${TIMEOUT / 1000}
  --json             JSON
  --junit            JUnit XML
  --list             the cases, without running any

Plugins that ask for addresses are tried with host-local, which has to be in the same folder.
`;

const OPTIONS = {
  'plugin-dir': { type: 'string', default: PLUGIN_DIR },
  plugin: { type: 'string', multiple: true },
  case: { type: 'string', multiple: true },
  strict: { type: 'boolean', default: false },
  timeout: { type: 'string', default: String(TIMEOUT / 1000) },
  json: { type: 'boolean', default: false },
  junit: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
} as const;

export const conformanceCommand: Command = {
  summary: 'try CNI plugins against the specification',
  help: HELP,
  async run(args, output) {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    const { strict, json, junit } = values;
    // Plugins are started in folders of their own.
    const folder = resolve(values['plugin-dir']);
    if (json && junit) throw new UsageError('--json and --junit exclude each other');
    const isWanted = chosen(values.case);
    if (values.list) {
      output.write(list());
      return 0;
    }
    const plugins = pluginsOf(folder, values.plugin);
    if (process.getuid?.() !== 0) throw new UsageError('it needs root, to make network namespaces');
    const levels: readonly Level[] = strict ? LEVELS : ['must'];
    const timeout = secondsOf(values.timeout) * 1000;
    const verdicts: Verdict[] = [];
    const interrupted = (): never => {
      sweep();
      process.exit(130);
    };
    for (const signal of SIGNALS) process.once(signal, interrupted);
    try {
      for await (const verdict of conformance({ folder, plugins, timeout, isWanted })) {
        verdicts.push(verdict);
        if (!json && !junit && verdict.state === 'unmet') output.note(progress(verdict));
      }
    } finally {
      for (const signal of SIGNALS) process.removeListener(signal, interrupted);
    }
    if (json) output.write(toJson(verdicts));
    else if (junit) output.write(toJunit(verdicts, levels));
    else report(verdicts, output);
    return verdicts.some((each) => isFailure(each, levels)) ? 1 : 0;
  },
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function chosen(names: readonly string[] | undefined): (each: { name: string }) => boolean {
  if (names === undefined) return () => true;
  const known = CASES.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(
      `there is no case ${unknown}${didYouMean(unknown, known)}; --list has all`,
    );
  return ({ name }) => names.includes(name);
}

function pluginsOf(folder: string, names: readonly string[] | undefined): readonly string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new UsageError(`there is no folder ${folder}; name one with --plugin-dir`);
  const found = pluginsIn(folder);
  if (found.length === 0) throw new UsageError(`there is no executable file in ${folder}`);
  const unknown = names?.find((name) => !found.includes(name));
  if (unknown !== undefined)
    throw new UsageError(
      `there is no plugin ${join(folder, unknown)}${didYouMean(unknown, found)}`,
    );
  return names ?? found;
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 3600))
    throw new UsageError(`--timeout ${text}: a number of seconds up to 3600`);
  return seconds;
}

const list = (): string =>
  table(
    ['case', 'level', 'source', 'demand'],
    CASES.map(({ name, level, source, says }) => [name, level, source, says]),
    false,
  );

const progress = ({ plugin, case: { name } }: Verdict): string => `${plugin}: ${name}: not met\n`;

const WORDS = { met: 'yes', unmet: 'NO', skipped: '–' } as const;

/** A table for each plugin, the reasons, and a sentence. */
function report(verdicts: readonly Verdict[], output: Output): void {
  for (const plugin of new Set(verdicts.map((each) => each.plugin))) {
    const own = verdicts.filter((each) => each.plugin === plugin);
    output.write(`${styled(plugin, 'bold', output.colours)}\n`);
    for (const verdict of own) output.write(lineOf(verdict, output.colours));
    output.write('\n');
  }
  output.write(summary(verdicts));
}

function lineOf({ case: about, state, reason }: Verdict, colours: boolean): string {
  const style = state === 'met' ? 'green' : state === 'unmet' ? 'red' : 'dim';
  const word = styled(WORDS[state].padEnd(3), style, colours);
  const line = `  ${word}  ${about.level.padEnd(6)}  ${about.says}\n`;
  if (reason === undefined) return line;
  const where = state === 'unmet' ? ` (${about.source}; --case ${about.name})` : '';
  return `${line}               ${reason}${where}\n`;
}

function summary(verdicts: readonly Verdict[]): string {
  const count = (state: Verdict['state'], level?: Level): number =>
    verdicts.filter(
      (each) => each.state === state && (level ?? each.case.level) === each.case.level,
    ).length;
  const unmet = LEVELS.map((level) => `${count('unmet', level)} of ${level}`).join(', ');
  return `${count('met')} met, ${count('unmet')} not met (${unmet}), ${count('skipped')} not tried.\n`;
}
