/**
 * `npm run test:faults`: every system call of every plugin fails once. Runs on this kernel, and in
 * user-mode Linux what this kernel lacks. It takes an hour or two. Arguments after `--` are AVA's
 * (`-- -m '*loopback*'`); FAULTS_STRIDE=10 takes one call in ten, and FAULTS_PART=3 chooses which.
 */
import { resolve } from 'node:path';
import { missingFeatures } from '../test/harness/features.ts';
import { FAULT_SCENES } from '../test/plugins/fault-scenes.ts';
import { buildCni } from './build-cni.ts';
import { runChild } from './child.ts';
import { requirePackages } from './debian.ts';
import { buildReference } from './reference.ts';
import { runInUml } from './uml.ts';

process.chdir(resolve(import.meta.dirname, '..'));
requirePackages('iproute2', 'nftables', 'iptables', 'strace');
buildCni();
await buildReference();

const AVA = [process.execPath, 'node_modules/ava/entrypoints/cli.js', '--serial'] as const;
const TESTS = [
  ...AVA,
  'test/kernel/executable/system-call-faults.test.ts',
  ...process.argv.slice(2),
] as const;
const env = { FAULTS_STRIDE: process.env['FAULTS_STRIDE'] ?? '1', NETLINK_TS_PREPARED: '1' };
const onOutput = (text: string): void => void process.stdout.write(text);
/**
 * Seconds: one test makes several hundred calls of a plugin, and prints nothing until it has ended.
 */
const silence = 7200;

const here = await runChild(TESTS, { env, silence, onOutput });
const lacking = Object.entries(FAULT_SCENES).filter(
  ([, { needs = [] }]) => missingFeatures(needs).length > 0,
);
const titles = lacking.flatMap(([title]) => ['--match', `*: ${title}`]);
const there =
  titles.length === 0
    ? { code: 0 }
    : await runInUml([...TESTS, ...titles], { env, silence, onOutput });
process.exit(here.code === 0 && there.code === 0 ? 0 : 1);
