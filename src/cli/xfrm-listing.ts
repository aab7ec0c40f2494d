/** `netlink-ts dump states`, `policies` and `netlink-ts monitor xfrm`: what `ip xfrm` shows. */
import { openXfrm } from '../xfrm/open.ts';
import type { PolicyObject } from '../xfrm/policy/requests.ts';
import type { StateObject } from '../xfrm/state/requests.ts';
import type { Columns } from './columns.ts';
import type { Watched } from './watched.ts';

const hex = (number: number): string => `0x${number.toString(16).padStart(8, '0')}`;

type StateRow = Partial<StateObject>;
const states: Columns<StateRow> = {
  SRC: ({ src }) => src,
  DST: ({ dst }) => dst,
  PROTO: ({ proto }) => proto,
  SPI: ({ spi }) => (spi === undefined ? '' : hex(spi)),
  REQID: ({ reqid = 0 }) => (reqid === 0 ? '' : reqid),
  MODE: ({ mode }) => mode,
  ALGORITHM: ({ aead, enc, comp }) => (aead ?? enc ?? comp)?.name,
  AUTH: ({ authTrunc, auth }) => (authTrunc ?? auth)?.name,
  BYTES: ({ curlft }) => curlft?.bytes,
  PACKETS: ({ curlft }) => curlft?.packets,
};

type PolicyRow = Partial<PolicyObject>;
const policies: Columns<PolicyRow> = {
  DIR: ({ dir }) => dir,
  SRC: ({ sel }) => sel?.src,
  DST: ({ sel }) => sel?.dst,
  PROTO: ({ sel }) => sel?.proto,
  ACTION: ({ action }) => action,
  PRIORITY: ({ priority }) => priority,
  INDEX: ({ index }) => index,
  TMPL: ({ tmpl = [] }) =>
    tmpl.map(({ src, dst, proto, mode }) => `${proto}/${mode}/${src}-${dst}`).join(' '),
};

export const xfrmListings = (netns: string | undefined) => ({
  states: {
    by: [],
    columns: states,
    *list() {
      using xfrm = openXfrm({ netns });
      yield* xfrm.states.list();
    },
  },
  policies: {
    by: [],
    columns: policies,
    *list() {
      using xfrm = openXfrm({ netns });
      yield* xfrm.policies.list();
    },
  },
});

/** What states, policies and the kernel's questions have. */
const columns: Columns<StateRow & PolicyRow> = {
  SRC: ({ src, sel }) => src ?? sel?.src,
  DST: ({ dst, sel }) => dst ?? sel?.dst,
  PROTO: states['PROTO']!,
  SPI: states['SPI']!,
  MODE: states['MODE']!,
  DIR: policies['DIR']!,
  ACTION: policies['ACTION']!,
};

export function watchXfrm(netns: string | undefined, signal: AbortSignal): Watched {
  const xfrm = openXfrm({ netns });
  return { columns, events: xfrm.monitor({ signal }), close: () => xfrm.close() };
}
