/** IPAM by another program: a shell script that a test writes. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Teardown } from './namespace.ts';
import { referencePlugin } from '../../scripts/reference.ts';

export interface ForeignIpam {
  /** For CNI_PATH; contains the plugin `foreign`. */
  readonly path: string;
  /** The calls that it got, one command a line: `ADD c1 eth0`. */
  log(): string;
}

/** The script has its document in `$in`. */
export function foreignIpam(t: Teardown, script: string): ForeignIpam {
  const path = mkdtempSync(join(tmpdir(), 'ipam-'));
  t.teardown(() => rmSync(path, { recursive: true }));
  const log = join(path, 'log');
  const note = `echo "$CNI_COMMAND $CNI_CONTAINERID $CNI_IFNAME" >> ${log}`;
  writeFileSync(join(path, 'foreign'), `#!/bin/sh\nin=$(cat)\n${note}\n${script}\n`, {
    mode: 0o755,
  });
  return { path, log: () => (existsSync(log) ? readFileSync(log, 'utf8') : '') };
}

/** The reference's `host-local`, which succeeds only when the interface exists, as `dhcp` would. */
export const NEEDS_LINK = `
[ $CNI_COMMAND = ADD ] && { nsenter --net=$CNI_NETNS grep -q "^ *$CNI_IFNAME:" /proc/net/dev || exit 1; }
echo "$in" | ${referencePlugin('host-local')}`;
