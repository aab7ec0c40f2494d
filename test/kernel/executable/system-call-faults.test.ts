/**
 * Each system call of ADD, CHECK, DEL and GC fails once, in the executable of every plugin. The
 * answer is one JSON document, and the host is as it was or the work is done.
 *
 * All of them take half an hour (`npm run test:faults`); here it is one in `STRIDE`.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { needs } from '../../harness/needs.ts';
import { changes, lasting } from '../../harness/node.ts';
import { ourPlugin, type PluginCall, type PluginOutput } from '../../harness/plugin.ts';
import { walker, type Run, type SystemCall } from '../../harness/walk.ts';
import { FAULT_SCENES, type FaultScene, type Stage } from '../../plugins/fault-scenes.ts';

/** Each system call is a dozen times as dear there. */
const isUml = readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');
const STRIDE = Number(process.env['FAULTS_STRIDE'] ?? (isUml ? 101 : 31));
/** Which of the calls of a stride: a complete walk can be made in pieces. */
const PART = Number(process.env['FAULTS_PART'] ?? 0);

/**
 * One in `STRIDE`, and at least one. Each is chosen by what it is and not by its place among all,
 * so that one call more or less in a run does not make it a walk of other calls.
 */
function chosen(title: string, calls: readonly SystemCall[]): SystemCall[] {
  const some = calls.filter(({ name, nth }) => digest(`${title} ${name} ${nth}`) % STRIDE === PART);
  return some.length > 0 ? some : calls.slice(0, 1);
}

const digest = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE();

interface Walk {
  readonly t: ExecutionContext;
  readonly scene: FaultScene;
  /** Before the first call, and whenever one has done what it was asked for. */
  fresh(): Stage;
}

/** Calls a plugin with each fault in turn, in `each`, which looks at what came of it. */
function walk({ t, scene }: Walk, recorded: Run, each: (fail: (run: Run) => Failed) => void): void {
  const { record, fail } = walker(t, scene.plugin);
  const calls = record(recorded);
  const wanted = chosen(t.title, calls);
  t.log(`${wanted.length} of ${calls.length} system calls`);
  for (const call of wanted) {
    each((run) => {
      const output = attempted(call, () => fail(call, run));
      if (output === undefined) return { what: `not met: ${call.text}`, met: false, worked: true };
      const { code, stdout, stderr, json } = output;
      const what = `${call.text}\nexit ${code}: ${stdout}${stderr}`;
      return { what, met: true, worked: answered(t, output, what), json };
    });
  }
}

/** What is no JSON, say, is told with the call that failed. */
function attempted<T>({ text }: SystemCall, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    throw new Error(`${text}: ${String(error)}`, { cause: error });
  }
}

/** What came of a call in which one system call failed. */
interface Failed {
  readonly what: string;
  /** False where this run did not come to that system call, and all went well. */
  readonly met: boolean;
  readonly worked: boolean;
  readonly json?: unknown;
}

/**
 * One JSON document: nothing or a result when it succeeded, an error that says something when not.
 */
function answered(
  t: ExecutionContext,
  { code, json, stderr }: PluginOutput,
  what: string,
): boolean {
  t.true(code === 0 || code === 1, `${what}: exit ${code}: ${stderr}`);
  if (code === 0) return true;
  const { code: number, msg } = (json ?? {}) as { code?: number; msg?: string };
  t.true(typeof number === 'number' && number > 0 && typeof msg === 'string' && msg !== '', what);
  return false;
}

function done(t: ExecutionContext, { code, stdout, stderr }: PluginOutput, what: string): void {
  t.is(code, 0, `${what}: ${stdout}${stderr}`);
}

const WALKS: Partial<Record<PluginCall['command'], (context: Walk) => void>> = {
  ADD(context) {
    const { t, fresh } = context;
    const first = fresh();
    let [stage, before] = [first, [] as string[]];
    const renew = (): void => {
      stage = fresh();
      before = stage.snapshot();
    };
    renew();
    walk(
      context,
      (binary) => first.run('ADD', 1, {}, binary),
      (fail) => {
        const { what, met, worked, json } = fail((binary) => stage.run('ADD', 1, {}, binary));
        if (!worked) {
          t.deepEqual(
            lasting(() => changes(before, stage.snapshot())),
            [],
            what,
          );
          return;
        }
        if (met) done(t, stage.run('CHECK', 1, { prevResult: json }), `${what}\nCHECK`);
        renew();
      },
    );
  },

  CHECK(context) {
    const { t, scene, fresh } = context;
    const stage = fresh();
    const added = stage.run('ADD', 1);
    done(t, added, 'ADD');
    const before = stage.snapshot();
    const run: Run = (binary) => stage.run('CHECK', 1, { prevResult: added.json }, binary);
    // The first one after an ADD reads what that has just written once more.
    done(t, run(ourPlugin(scene.plugin)), 'CHECK');
    walk(context, run, (fail) => {
      const { what } = fail(run);
      t.deepEqual(
        lasting(() => changes(before, stage.snapshot())),
        [],
        what,
      );
    });
  },

  DEL(context) {
    const { t, fresh } = context;
    const stage = fresh();
    const add = (): void => done(t, stage.run('ADD', 1), 'ADD');
    const run: Run = (binary) => stage.run('DEL', 1, {}, binary);
    add();
    done(t, stage.run('DEL', 1), 'DEL');
    const gone = stage.snapshot();
    const first: Run = (binary) => {
      add();
      return run(binary);
    };
    walk(context, first, (fail) => {
      add();
      const { what, met, worked } = fail(run);
      if (!worked || !met) done(t, stage.run('DEL', 1), `${what}\nthe next DEL`);
      t.deepEqual(
        lasting(() => changes(gone, stage.snapshot())),
        [],
        what,
      );
    });
  },

  GC(context) {
    const { t, fresh } = context;
    const stage = fresh();
    const valid = { 'cni.dev/valid-attachments': [{ containerID: 'c1', ifname: 'eth0' }] };
    const add = (): void => done(t, stage.run('ADD', 2), 'ADD of the stale one');
    const run: Run = (binary) => stage.run('GC', 1, valid, binary);
    done(t, stage.run('ADD', 1), 'ADD');
    add();
    done(t, stage.run('GC', 1, valid), 'GC');
    const kept = stage.snapshot();
    const addStale = (): void => {
      add();
      t.notDeepEqual(changes(kept, stage.snapshot()), []);
    };
    const first: Run = (binary) => {
      addStale();
      return run(binary);
    };
    walk(context, first, (fail) => {
      addStale();
      const { what, met, worked } = fail(run);
      if (!worked || !met) done(t, stage.run('GC', 1, valid), `${what}\nthe next GC`);
      t.deepEqual(
        lasting(() => changes(kept, stage.snapshot())),
        [],
        what,
      );
    });
  },
};

for (const [title, scene] of Object.entries(FAULT_SCENES)) {
  const declare = scene.needs === undefined ? test.serial : needs(...scene.needs).serial;
  for (const command of scene.commands) {
    declare(`faults: ${command}: ${title}`, async (t) => {
      t.timeout(3_600_000);
      // What follows never waits, and AVA has to hear of that before.
      await setImmediate();
      WALKS[command]!({ t, scene, fresh: () => scene.prepare(t) });
    });
  }
}
