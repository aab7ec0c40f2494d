/** `netlink-ts dump families`: what `genl ctrl list` shows. */
import { openGenl } from '../genl/open.ts';
import type { FamilyObject } from '../genl/family/requests.ts';
import type { Columns } from './columns.ts';

const columns: Columns<FamilyObject> = {
  ID: ({ id }) => id,
  NAME: ({ name }) => name,
  VERSION: ({ version }) => version,
  HEADER: ({ hdrsize }) => (hdrsize === 0 ? '' : hdrsize),
  COMMANDS: ({ ops }) => ops.map(({ id }) => id),
  GROUPS: ({ groups }) => groups.map(({ name }) => name),
};

export const familiesListing = (netns: string | undefined) => ({
  by: [],
  columns,
  list: () => {
    using genl = openGenl({ netns });
    return genl.families.list();
  },
});
