/** The plugins that a runtime would execute, and whose they are. */
import { spawnSync, type SpawnSyncOptionsWithStringEncoding } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '../../version.ts';
import { type Finding, note, ok, problem } from './finding.ts';

const OURS = ['bridge', 'host-local', 'ipvlan', 'loopback', 'static'];
/** Text that only our executables contain, since both kinds print the same lines. */
const TABLE = 'cni_netlink_ts';
/** Seconds. */
const LIMIT = 10;

export function pluginFindings(folder: string): Finding[] {
  if (!existsSync(folder)) {
    const advice = 'Install them there, or name the folder with --plugin-dir.';
    return [note('plugins', `there is no folder ${folder}`, advice)];
  }
  return OURS.map((name) => pluginFinding(join(folder, name)));
}

function pluginFinding(path: string): Finding {
  if (!existsSync(path)) return note(path, 'not there', 'Needed only if a network names it.');
  const env = { PATH: process.env['PATH'], CNI_COMMAND: 'VERSION' };
  const options = {
    encoding: 'utf8',
    timeout: LIMIT * 1000,
    input: '{"cniVersion":"1.1.0"}',
  } as const;
  const { status, stdout, error } = spawnSync(path, [], { ...options, env });
  const versions = status === 0 ? versionsIn(stdout) : undefined;
  if (versions === undefined) {
    // EPIPE is not a reason: a plugin need not read its input.
    const reason =
      status === null ? (error?.message ?? 'a signal') : `exit ${status}: ${stdout.trim()}`;
    return problem(path, `does not answer VERSION (${reason})`, 'Install it again.');
  }
  const about = describe(path, options);
  if (readFileSync(path).includes(TABLE)) {
    return about.includes(`v${VERSION}`)
      ? ok(path, `netlink-ts ${VERSION}`)
      : note(path, `netlink-ts, ${about}`, `This command is netlink-ts ${VERSION}.`);
  }
  return note(
    path,
    `of another project (${about}), for CNI up to ${versions.at(-1)}`,
    'Both kinds can be used side by side, and take over each other’s attachments.',
  );
}

/** Without CNI_COMMAND a plugin says what it is. */
function describe(path: string, options: SpawnSyncOptionsWithStringEncoding): string {
  const { stderr } = spawnSync(path, [], { ...options, env: { PATH: process.env['PATH'] } });
  return stderr.split('\n')[0] || 'it does not identify itself';
}

function versionsIn(stdout: string): string[] | undefined {
  try {
    const { supportedVersions } = JSON.parse(stdout) as { supportedVersions?: string[] };
    return Array.isArray(supportedVersions) ? supportedVersions : undefined;
  } catch {
    return undefined;
  }
}
