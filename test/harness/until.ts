/** Reads a monitor up to the event that a test waits for. */
import assert from 'node:assert/strict';
import type { Monitor } from '../../src/netlink/monitor.ts';

/** Reads events until one meets the condition. */
export async function until<E>(events: Monitor<E>, wished: (event: E) => boolean): Promise<E[]> {
  const read: E[] = [];
  for (;;) {
    const { value, done } = await events.next();
    assert.ok(done !== true, 'the monitor ended');
    read.push(value);
    if (wished(value)) return read;
  }
}
