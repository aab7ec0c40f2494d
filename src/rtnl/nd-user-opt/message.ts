/**
 * An option of neighbour discovery that the kernel passes on to programs, such as the DNS servers
 * in a router advertisement: `RTM_NEWNDUSEROPT`.
 *
 * include/uapi/linux/rtnetlink.h, `struct nduseroptmsg`; RFC 8106. The option stands between the
 * header and the attributes. net/ipv6/ndisc.c, `ndisc_ra_useropt`: there is one in each message.
 */
import { ipv6 } from '../../netlink/codec/address.ts';
import { attr, attrs, type AttributeSet } from '../../netlink/codec/attributes.ts';
import { s32, u16, u32, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { rethrowWithin } from '../../errors.ts';
import { message } from '../../netlink/codec/message.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { RTM_NEWNDUSEROPT } from '../constants.ts';
import { family } from '../family.ts';
import { endOfOption, ndOption, type NdOption, type NdOptionInput } from './nd-option.ts';

/** `icmpType` is 134 for a router advertisement. `optsLen` is the length of the option in bytes. */
export const nduseroptmsg = struct('nduseroptmsg', {
  family,
  _pad1: u8,
  optsLen: u16,
  ifindex: s32,
  icmpType: u8,
  icmpCode: u8,
  _pad2: u16,
  _pad3: u32,
});

const nduseropt = attrs({
  srcaddr: attr('NDUSEROPT_SRCADDR', 1, ipv6, 'the router'),
});

/** The attributes after an option. */
const afterOption: AttributeSet<
  Static<typeof nduseropt> & { readonly option?: NdOption },
  Input<typeof nduseropt> & { readonly option?: NdOptionInput | undefined }
> = {
  kind: 'attributes',
  type: nduseropt.type,
  attributes: nduseropt.attributes,
  begin: endOfOption,
  get(view, at, end) {
    const stop = endOfOption(view, at, end);
    const rest = nduseropt.get(view, stop, end);
    return stop === at ? rest : { option: ndOption.get(view, at, stop), ...rest };
  },
  put(writer, { option, ...rest }) {
    if (option !== undefined) {
      try {
        ndOption.put(writer, option);
      } catch (error) {
        rethrowWithin(error, 'option');
      }
    }
    nduseropt.put(writer, rest);
  },
  show: ({ option, ...rest }) =>
    [...(option === undefined ? [] : [ndOption.show(option)]), nduseropt.show(rest)].join(' '),
  walk(view, at, end, visit, depth = 0) {
    const stop = endOfOption(view, at, end);
    if (stop > at) visit({ depth, at, body: at, end: stop, name: 'option', codec: ndOption });
    nduseropt.walk(view, stop, end, visit, depth);
  },
};

export const ndUserOpt = message('ndUserOpt', { RTM_NEWNDUSEROPT }, nduseroptmsg, afterOption, {
  doc: 'An option of neighbour discovery for programs.',
  subject: ({ attrs: a }) => a?.srcaddr,
});

export type NdUserOpt = Static<typeof ndUserOpt>;
export type NdUserOptInput = Input<typeof ndUserOpt>;

/** An option as it is reported. */
export interface NdUserOptObject extends NdOption {
  readonly family: NdUserOpt['family'];
  readonly ifindex: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  /** The router. */
  readonly srcaddr?: string;
}

export const ndUserOptObject = ({
  attrs: { option, ...rest },
  optsLen: _,
  ...head
}: NdUserOpt): NdUserOptObject => ({ ...head, ...rest, ...(option ?? { type: 0 }) });
