/**
 * The demo from its first line to its last, and interrupted as a user would with Ctrl-C, who may be
 * impatient.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { eventually } from '../../harness/eventually.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const DEMO = resolve(import.meta.dirname, '../../../scripts/demo.ts');

interface Ending {
  readonly code: number | null;
  readonly output: string;
}

/** What is done when a line has been printed. */
interface Moment {
  readonly line: string;
  press(interrupt: () => void): unknown;
}

/** A folder for the path, in which `bun` is a program that fails. */
function withoutBun(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'no-bun-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const name of ['bun', 'bunx']) symlinkSync('/bin/false', join(folder, name));
  return folder;
}

/** Runs the demo on a host of its own, which has no Bun. */
async function demo(t: ExecutionContext, moment?: Moment): Promise<Ending> {
  const host = freshNamespace(t);
  const env = { ...process.env, PATH: `${withoutBun(t)}:${process.env['PATH']}` };
  const child = host.run(() =>
    spawn(process.execPath, [DEMO], { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true }),
  );
  // A terminal sends it to the whole foreground group, unless that has ended.
  const interrupt = (): void => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGINT');
  };
  let pressed = moment === undefined;
  let output = '';
  const listen = (chunk: string): void => {
    output += chunk;
    if (pressed || !output.includes(`\n${moment!.line}`)) return;
    pressed = true;
    void moment!.press(interrupt);
  };
  child.stdout.setEncoding('utf8').on('data', listen);
  child.stderr.setEncoding('utf8').on('data', listen);
  const code = await new Promise<number | null>((done) => child.on('close', done));

  const name = `demo${child.pid}`;
  // The kernel removes the links of a namespace in the background.
  const links = eventually(
    () => host.ip('link').map(({ ifname }) => ifname),
    ({ length }) => length === 1,
  );
  t.deepEqual(links, ['lo'], output);
  t.is(host.exec('cat', '/proc/sys/net/ipv4/ip_forward').trim(), '0');
  const files = [...readdirSync('/run/netns'), ...readdirSync(tmpdir())];
  t.deepEqual(
    files.filter((file) => file.startsWith(name)),
    [],
    output,
  );
  return { code, output };
}

/** Runs the demo until Ctrl-C has come before its end, which on a busy machine it may not. */
async function interrupted(t: ExecutionContext, moment: Moment): Promise<Ending> {
  for (let left = 20; ; left--) {
    const ending = await demo(t, moment);
    if (ending.code !== 0 || left === 0) return ending;
  }
}

const kernel = needs('bridge', 'veth');

kernel('demo: attaches two containers, which reach each other, and leaves nothing', async (t) => {
  const { code, output } = await demo(t);
  t.is(code, 0, output);
  t.is(output.match(/answers in/g)?.length, 4);
  t.regex(output, /ports of demo\d+: veth\w+ forwarding, veth\w+ forwarding/);
  t.regex(output, /what is left: ports: none; leases: none/);
});

/** The beginning of a line, and how many milliseconds after it Ctrl-C comes. */
const MOMENTS: readonly (readonly [line: string, after: number])[] = [
  ['two network namespaces', 0],
  ['ADD eth0 to', 0],
  ['ADD eth0 to', 15],
  ['ping from', 0],
  ['DEL eth0 of', 0],
];

for (const [line, after] of MOMENTS) {
  kernel(`demo: Ctrl-C ${after} ms after "${line}" leaves nothing`, async (t) => {
    const press = (interrupt: () => void): unknown => setTimeout(after).then(interrupt);
    const { code, output } = await interrupted(t, { line, press });
    t.is(code, 130, output);
  });
}

kernel('demo: a second and a third Ctrl-C do not stop the cleaning up', async (t) => {
  const press = async (interrupt: () => void): Promise<void> => {
    for (let presses = 0; presses < 3; presses++) {
      interrupt();
      await setTimeout(2);
    }
  };
  const { code, output } = await interrupted(t, { line: 'ping from', press });
  t.is(code, 130, output);
});
