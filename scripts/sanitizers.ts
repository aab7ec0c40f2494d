/**
 * `npm run test:sanitizers`: the tests of this kernel with executables whose engine and host are
 * compiled with AddressSanitizer and UndefinedBehaviorSanitizer. Arguments after `--` are AVA's.
 */
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Arch } from './engine/objects.ts';
import { buildCni } from './build-cni.ts';
import { runChild } from './child.ts';
import { requirePackages } from './debian.ts';
import { requireHostKernel } from './host-kernel.ts';
import { buildReference } from './reference.ts';

/**
 * The sanitizers need a lot of memory, and libraries. These tests are about both, or let each
 * close(2) fail, which the loader of libraries does not bear.
 */
const OTHER = /executable\/(file|limits|close-interrupted)\.test\.ts$/;

process.chdir(resolve(import.meta.dirname, '..'));
requirePackages('gcc', 'libc6-dev', 'iproute2', 'nftables', 'iptables', 'strace');
buildCni(process.arch as Arch, { sanitized: true });
await buildReference();
await requireHostKernel('only a host of its own');

const given = process.argv.slice(2);
const files = globSync('test/kernel/**/*.test.ts').filter((file) => !OTHER.test(file));
const tests = given.length > 0 ? given : files.sort();
const AVA = [process.execPath, 'node_modules/ava/entrypoints/cli.js', '--serial'] as const;
const { code } = await runChild([...AVA, ...tests], {
  env: { NETLINK_TS_PREPARED: '1' },
  // Seconds; a test of many attachments prints nothing until its end.
  silence: 1200,
  onOutput: (text) => void process.stdout.write(text),
});
process.exit(code === 0 ? 0 : 1);
