/** Echo requests of ping(8). */
import type { Namespace } from './namespace.ts';
import { program } from './program.ts';

const answers = (where: Namespace, address: string, seconds: number): boolean =>
  where.run(() => program('ping', '-n', '-c1', `-w${seconds}`, address)).code === 0;

/** Whether an address answers; it is asked each second until it does, for half a minute. */
export const pings = (where: Namespace, address: string): boolean => answers(where, address, 30);

/** Whether an address that should not answer leaves a request alone. */
export const isSilent = (where: Namespace, address: string): boolean => !answers(where, address, 1);
