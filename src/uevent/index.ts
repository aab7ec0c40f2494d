/**
 * `netlink-ts/uevent`: what the kernel reports about devices: added, removed, changed.
 *
 * @example
 * for await (const event of monitorUevents()) console.log(event);
 */
export {
  monitorUevents,
  type MonitorOptions,
  type UeventEvent,
  type UeventOptions,
} from './monitor-uevents.ts';
export { decodeUevent, type Uevent, type UeventAction } from './uevent.ts';
export type { Monitor } from '../netlink/listen.ts';
export type { Unreadable } from '../netlink/monitor.ts';
