/** The uevents of the kernel, as they happen. */
import { checkArguments, checkedFunction } from '../netlink/codec/arguments.ts';
import { NETLINK_KOBJECT_UEVENT } from '../netlink/constants.ts';
import type { MonitorOptions, OpenOptions } from '../netlink/handle.ts';
import { listen, type Monitor } from '../netlink/listen.ts';
import type { Unreadable } from '../netlink/monitor.ts';
import { openNamespace, socketIn } from '../netlink/namespace.ts';
import type { Socket } from '../netlink/socket.ts';
import { CodecError } from '../errors.ts';
import { decodeUevent, type Uevent } from './uevent.ts';

export type { MonitorOptions } from '../netlink/handle.ts';

/**
 * `lost`: the kernel dropped events. `unreadable`: a datagram that is not a uevent; the loop
 * continues.
 */
export type UeventEvent =
  | ({ readonly type: 'uevent' } & Uevent)
  | ({ readonly type: 'unreadable' } & Unreadable)
  | { readonly type: 'lost' };

export type UeventOptions = MonitorOptions & Pick<OpenOptions, 'netns'>;

/** Group 2 is udev's, to which a program sends. */
const KERNEL = 1;
const BUFFER = 1 << 20;

/**
 * The uevents of the kernel, from the call on. Events of links and their queues are sent in the
 * namespace of the link, those of all other devices in every network namespace that the initial
 * user namespace owns. Needs no privilege.
 *
 * What other processes send is dropped. But a process with CAP_SYS_ADMIN over the namespace can
 * have the kernel pass on an event as its own (`uevent_net_rcv` in lib/kobject_uevent.c).
 *
 * @throws NetlinkError ENOENT for a namespace that does not exist, EPERM to enter it
 * @throws CodecError for options of the wrong type
 *
 * @example
 * for await (const event of monitorUevents({ netns: 'blue' })) {
 *   if (event.type === 'uevent') console.log(event.action, event.devpath, event.env['INTERFACE']);
 * }
 */
export const monitorUevents = checkedFunction(
  'monitorUevents',
  'options?: object',
  function monitorUevents(options: UeventOptions = {}): Monitor<UeventEvent> {
    const { signal, receiveBuffer = BUFFER, netns } = options;
    checkArguments('monitorUevents', 'netns?: string | object', [netns]);
    return listen<UeventEvent>(openIn(netns, receiveBuffer), {
      groups: [KERNEL],
      signal,
      read: (bytes) => [eventOf(bytes)],
      lost: () => [{ type: 'lost' }],
    });
  },
);

function openIn(netns: UeventOptions['netns'], receiveBuffer: number): Socket {
  if (typeof netns !== 'string') return socketIn(netns, NETLINK_KOBJECT_UEVENT, { receiveBuffer });
  const namespace = openNamespace(netns);
  try {
    return socketIn(namespace, NETLINK_KOBJECT_UEVENT, { receiveBuffer });
  } finally {
    namespace.close();
  }
}

function eventOf(bytes: Uint8Array): UeventEvent {
  try {
    return { type: 'uevent', ...decodeUevent(bytes) };
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return { type: 'unreadable', bytes: bytes.slice(), error };
  }
}
