/** Reads or changes the host through the declared messages: for commands that nobody waits for. */
import { declaredProtocol } from './declared.ts';
import { closeAll, hostSide, type Side } from './side.ts';

/** Uses a socket of its own, which is always closed. */
export function onHost<T>(work: (host: Side) => T): T {
  const host = hostSide(declaredProtocol);
  try {
    return work(host);
  } finally {
    closeAll(host);
  }
}
