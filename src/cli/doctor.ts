/**
 * `netlink-ts doctor`: whether this host has what the plugins need, in plain sentences with what to
 * do.
 *
 * What the kernel can do is tried in a network namespace of its own, which is removed again: a
 * module may be built in, loaded on demand or missing, and only an attempt shows which. Nothing
 * else is changed.
 */
import { parseArgs } from 'node:util';
import { DEFAULT_DATA_DIR } from '../ipam/policy/config.ts';
import type { Command } from './command.ts';
import { hostFindings } from './doctor/host.ts';
import { kernelFindings } from './doctor/kernel.ts';
import { pluginFindings } from './doctor/plugins.ts';
import type { Finding } from './doctor/finding.ts';

const PLUGIN_DIR = '/opt/cni/bin';

const HELP = `netlink-ts doctor [--json] [--plugin-dir DIR]... [--data-dir DIR]

Reports what keeps the CNI plugins from working on this host, or may surprise: features of the
kernel, settings below /proc/sys, iptables, leases, and the plugins that are installed. Needs root.
Fails if there is a problem.

  --json            JSON
  --plugin-dir DIR  where the runtime executes plugins; default ${PLUGIN_DIR}
  --data-dir DIR    ipam.dataDir of the networks; default ${DEFAULT_DATA_DIR}
`;

const OPTIONS = {
  json: { type: 'boolean', default: false },
  'plugin-dir': { type: 'string', multiple: true },
  'data-dir': { type: 'string', default: DEFAULT_DATA_DIR },
} as const;

const MARKS = { ok: 'ok', note: 'note', problem: 'PROBLEM' } as const;

export const doctor: Command = {
  summary: 'check this host for what the CNI plugins need',
  help: HELP,
  run(args, output) {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    const { 'plugin-dir': folders = [PLUGIN_DIR] } = values;
    const findings = [
      ...kernelFindings(),
      ...hostFindings(values['data-dir']),
      ...folders.flatMap((folder) => pluginFindings(folder)),
    ];
    if (values.json) output.write(`${JSON.stringify(findings, undefined, 2)}\n`);
    else findings.forEach((finding) => output.write(lineOf(finding)));
    const problems = findings.filter(({ state }) => state === 'problem').length;
    if (!values.json) output.note(summaryOf(problems));
    return problems === 0 ? 0 : 1;
  },
};

const summaryOf = (problems: number): string =>
  problems === 0
    ? 'Nothing keeps the plugins from working.\n'
    : `${problems} ${problems === 1 ? 'problem' : 'problems'}.\n`;

function lineOf({ state, subject, text, advice }: Finding): string {
  const line = `${MARKS[state].padEnd(7)}  ${subject}: ${text}\n`;
  return advice === undefined ? line : `${line}         ${advice}\n`;
}
