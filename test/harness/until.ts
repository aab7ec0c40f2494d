/** Reading a monitor as far as it matters. */
import assert from 'node:assert/strict';
import type { Monitor } from '../../src/netlink/monitor.ts';

/** Reads events until one is as wished. */
export async function until<E>(events: Monitor<E>, wished: (event: E) => boolean): Promise<E[]> {
  const read: E[] = [];
  for (;;) {
    const { value, done } = await events.next();
    assert.ok(done !== true, 'the monitor ended');
    read.push(value);
    if (wished(value)) return read;
  }
}
