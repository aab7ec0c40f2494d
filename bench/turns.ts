/**
 * Programs in turns: each round makes every call with each of them, so that other work on the
 * machine affects all of them.
 */
import { setImmediate } from 'node:timers/promises';
import { createNamespace, type Namespace } from '../test/harness/namespace.ts';
import { costOf, type Program, timeOf } from './attach.ts';

/** Rounds that are not counted: they make the bridge, and bring files into memory. */
export const WARM_UP = 3;
export const TOGETHER = 16;

/** The times of each program, for each row of a table. */
export type Figures = Map<string, number[][]>;

export function record(figures: Figures, row: string, program: number, figure: number): void {
  const columns = figures.get(row) ?? [];
  figures.set(row, columns);
  (columns[program] ??= []).push(figure);
}

/** All programs with their numbers, in each round beginning with another one. */
export function turns<T>(programs: readonly T[], round: number): [T, number][] {
  const order = programs.map((program, at): [T, number] => [program, at]);
  const first = Math.abs(round) % order.length;
  return [...order.slice(first), ...order.slice(0, first)];
}

export interface Rounds {
  readonly runs: number;
  /** Gets milliseconds. */
  readonly times: Figures;
  readonly faults?: Figures;
  /** Gets milliseconds of processor time. */
  readonly processor?: Figures;
  /** Once a round, before its calls. */
  readonly before?: (note: (row: string, program: number, time: number) => void) => void;
}

/** VERSION, ADD and DEL, one at a time. */
export async function oneAtATime(
  programs: readonly Program[],
  { runs, times, faults, processor, before }: Rounds,
): Promise<void> {
  // Closed at the end: the kernel removes namespaces in the background, at the expense of the next
  // call.
  const used: Namespace[] = [];
  for (let round = -WARM_UP; round < runs; round++) {
    const note = (row: string, at: number, time: number): void => {
      if (round >= 0) record(times, row, at, time);
    };
    before?.(note);
    const containers = programs.map(createNamespace);
    used.push(...containers);
    for (const command of ['VERSION', 'ADD', 'DEL'] as const) {
      for (const [program, at] of turns(programs, round)) {
        const cost = costOf(program, command, containers[at]!);
        note(command, at, cost.milliseconds);
        if (faults && round >= 0) record(faults, command, at, cost.faults);
        if (processor && round >= 0) record(processor, command, at, cost.processor);
      }
    }
    // Lets signals be handled.
    await setImmediate();
  }
  for (const container of used) container.remove();
}

/** {@link TOGETHER} ADDs at once, and as many DELs. */
export async function together(
  programs: readonly Program[],
  { runs, times }: Rounds,
): Promise<void> {
  const containers = programs.map(() => Array.from({ length: TOGETHER }, createNamespace));
  // Background work of the kernel changes one of these by a half, so the median of a few says
  // little.
  const batches = Math.max(3, Math.ceil(runs / 2));
  for (let batch = -1; batch < batches; batch++) {
    for (const command of ['ADD', 'DEL'] as const) {
      for (const [program, at] of turns(programs, batch + 1)) {
        const time = timeOf(program, command, ...containers[at]!);
        if (batch >= 0) record(times, `${TOGETHER} ${command} at once`, at, time);
      }
    }
  }
  for (const container of containers.flat()) container.remove();
}
