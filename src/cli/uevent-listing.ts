/** `netlink-ts monitor uevents`: what `udevadm monitor --kernel --property` shows. */
import { monitorUevents, type UeventEvent } from '../uevent/monitor-uevents.ts';
import type { Uevent } from '../uevent/uevent.ts';
import type { Columns } from './columns.ts';
import type { Watched, WatchedEvent } from './watched.ts';

/** Keys with a column of their own. */
const TOLD = ['ACTION', 'DEVPATH', 'SUBSYSTEM', 'SEQNUM'];

const columns: Columns<Uevent> = {
  ACTION: ({ action }) => action,
  DEVPATH: ({ devpath }) => devpath,
  SUBSYSTEM: ({ subsystem }) => subsystem,
  SEQNUM: ({ seqnum }) => seqnum,
  ENV: ({ env }) =>
    Object.entries(env)
      .filter(([key]) => !TOLD.includes(key))
      .map((pair) => pair.join('='))
      .join(' '),
};

const actionOf = (action: string) =>
  action === 'add' ? 'new' : action === 'remove' ? 'del' : 'set';

async function* watched(events: AsyncIterable<UeventEvent>): AsyncGenerator<WatchedEvent> {
  for await (const event of events) {
    if (event.type !== 'uevent') yield event;
    else {
      const { type, ...value } = event;
      yield { type, action: actionOf(value.action), value };
    }
  }
}

export function watchUevents(netns: string | undefined, signal: AbortSignal): Watched {
  const events = monitorUevents({ netns, signal });
  return { columns, events: watched(events), close: () => events.close() };
}
