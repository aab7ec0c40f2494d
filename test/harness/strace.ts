/** A plugin whose system calls strace(1) records or makes fail. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Teardown } from './namespace.ts';
import { ourPlugin } from './plugin.ts';

/** The path of a bridge plugin that runs under strace with these options. */
export const straced = (t: Teardown, ...options: string[]): string =>
  stracedPlugin(t, 'bridge', ...options);

export function stracedPlugin(t: Teardown, plugin: string, ...options: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'strace-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const wrapper = join(folder, plugin);
  const command = ['/usr/bin/strace', ...options, ourPlugin(plugin)].join(' ');
  writeFileSync(wrapper, `#!/bin/sh\nexec ${command}\n`, { mode: 0o755 });
  return wrapper;
}

/** The same without output of strace: for faults. */
export const faulty = (t: Teardown, ...options: string[]): string =>
  straced(t, '-f', '-o', '/dev/null', ...options);
