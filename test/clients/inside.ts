/**
 * In the sandbox: one client with the plugins of one side. `node inside.ts CLIENT ours|reference
 * FOLDER` prints a line per check.
 */
import { SYSTEM_PATH } from '../harness/program.ts';
import { beginSection, check } from './checks.ts';
import { CLIENTS } from './clients.ts';
import { checkNothingLeft, hostState } from './host-state.ts';
import { makeOutside } from './network.ts';
import { makeStage, type Whose } from './stage.ts';

/**
 * Where host-local puts leases when nothing is configured, as in the networks that podman makes.
 */
const DEFAULT_LEASES = '/var/lib/cni/networks';

const [name, whose, folder] = process.argv.slice(2) as [string, Whose, string];
const { run, onLink } = CLIENTS.find((client) => client.name === name)!;
const stage = makeStage(whose, folder);
process.chdir(folder);
Object.assign(process.env, { PATH: SYSTEM_PATH, HOME: folder, TMPDIR: stage.makeFolder('tmpdir') });

makeOutside(onLink === true);
const leases = [`${stage.leases}/clients`, `${DEFAULT_LEASES}/second`];
const before = hostState(leases);
let words = '';
try {
  await run(stage);
} catch (error) {
  words = (error as Error).message;
}
beginSection('afterwards');
check('all steps were made', words === '', words);
await checkNothingLeft(before, leases);
// A daemon that was not stopped must not keep the sandbox.
process.exit();
