/** `netlink-ts dump ethtool` and `netlink-ts monitor ethtool`: what ethtool(8) shows of links. */
import { KINDS, type EthtoolObjects } from '../ethtool/kinds.ts';
import { openEthtool, type Ethtool } from '../ethtool/open.ts';
import type { Columns } from './columns.ts';
import type { Watched } from './watched.ts';

/** All objects of one link. */
type Row = { readonly index: number; readonly dev: string } & Partial<EthtoolObjects>;

/** `4294967295` and `65535` stand for no speed that is known. */
const speedOf = (speed = 0xffff_ffff): number | string => (speed >= 0xffff ? '' : speed);

const columns: Columns<Row> = {
  LINK: ({ dev }) => dev,
  CARRIER: ({ linkState }) => (linkState?.link === true ? 'yes' : 'no'),
  SPEED: ({ linkModes }) => speedOf(linkModes?.speed),
  DUPLEX: ({ linkModes }) => linkModes?.duplex,
  PORT: ({ linkInfo }) => linkInfo?.port,
  'RX-RING': ({ rings }) => rings?.rx,
  'TX-RING': ({ rings }) => rings?.tx,
  'RX-QUEUES': ({ channels }) => channels?.rxCount,
  'TX-QUEUES': ({ channels }) => channels?.txCount,
  QUEUES: ({ channels }) => channels?.combinedCount,
};

function rows(eth: Ethtool): Row[] {
  const found = new Map<number, Row>();
  for (const name of Object.keys(KINDS) as (keyof EthtoolObjects)[]) {
    for (const { index, dev, ...rest } of eth[name].list()) {
      found.set(index, { ...(found.get(index) ?? { index, dev }), [name]: rest });
    }
  }
  return [...found.values()].sort((a, b) => a.index - b.index);
}

export const ethtoolListing = (netns: string | undefined) => ({
  by: [],
  columns,
  list() {
    using eth = openEthtool({ netns });
    return rows(eth);
  },
});

export function watchEthtool(netns: string | undefined, signal: AbortSignal): Watched {
  const eth = openEthtool({ netns });
  const changed: Columns<{ dev: string }> = { LINK: ({ dev }) => dev };
  return { columns: changed, events: eth.monitor({ signal }), close: () => eth.close() };
}
