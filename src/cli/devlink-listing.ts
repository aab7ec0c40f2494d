/** `netlink-ts dump devlink` and `netlink-ts monitor devlink`: the ports of devlink(8). */
import type { DevInfoObject, DevObject, PortObject } from '../devlink/objects.ts';
import { openDevlink } from '../devlink/open.ts';
import type { Columns } from './columns.ts';
import type { Watched } from './watched.ts';

/** A port, or a device without ports. */
type Row = (PortObject | DevObject) & { readonly info?: DevInfoObject };

const columns: Columns<Partial<PortObject> & Row> = {
  DEV: ({ dev }) => dev,
  PORT: ({ port }) => port?.split('/').at(-1),
  DRIVER: ({ info }) => info?.driver,
  FLAVOUR: ({ flavour }) => flavour,
  TYPE: ({ type }) => type,
  LINK: ({ netdev }) => netdev,
  NUMBER: ({ number }) => number,
  LANES: ({ lanes }) => lanes,
};

export const devlinkListing = (netns: string | undefined) => ({
  by: [],
  columns,
  list(): Row[] {
    using dl = openDevlink({ netns });
    const ports = dl.ports.list();
    // Not every driver reports information about itself; the kernel leaves such a device out of the
    // list.
    const infos = new Map(dl.devs.listInfo().map((info) => [info.dev, info]));
    return dl.devs.list().flatMap((dev) => {
      const own: Row[] = ports.filter((port) => port.dev === dev.dev);
      const info = infos.get(dev.dev);
      return (own.length > 0 ? own : [dev]).map((row) => (info ? { ...row, info } : row));
    });
  },
});

export function watchDevlink(netns: string | undefined, signal: AbortSignal): Watched {
  const dl = openDevlink({ netns });
  const changed: Columns<Readonly<Record<string, unknown>>> = {
    DEV: ({ dev }) => dev,
    PORT: ({ port }) => port,
    NAME: ({ name, reporter, region, rate }) => name ?? reporter ?? region ?? rate,
  };
  return { columns: changed, events: dl.monitor({ signal }), close: () => dl.close() };
}
