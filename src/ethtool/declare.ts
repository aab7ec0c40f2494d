/**
 * An object of ethtool has up to four messages with the same attributes: requests to get and set
 * it, which the user sends, and replies and notifications from the kernel. Commands of both senders
 * have the same numbers.
 */
import { genlMessage } from '../genl/declare.ts';
import { attr, attrs, type AttributeSet, type Attributes } from '../netlink/codec/attributes.ts';
import { cstr, u32 } from '../netlink/codec/codec.ts';
import { flagsOf } from '../netlink/codec/enums.ts';
import { nested } from '../netlink/codec/nested.ts';

export const headerAttrs = attrs({
  devIndex: attr('ETHTOOL_A_HEADER_DEV_INDEX', 1, u32, 'index of the link'),
  devName: attr('ETHTOOL_A_HEADER_DEV_NAME', 2, cstr, 'name of the link'),
  flags: attr(
    'ETHTOOL_A_HEADER_FLAGS',
    3,
    flagsOf(u32, { compact_bitsets: 0x1, omit_reply: 0x2, stats: 0x4 }),
    'in requests: what the reply should contain',
  ),
  phyIndex: attr('ETHTOOL_A_HEADER_PHY_INDEX', 4, u32, 'index of the PHY; Linux 6.12 or newer'),
});

export const header = nested(headerAttrs);

interface Headed {
  readonly header?: { readonly devName?: string; readonly devIndex?: number } | undefined;
}

const subject = ({ attrs: a }: { attrs?: unknown }): string | undefined => {
  const { devName, devIndex } = (a as Headed | undefined)?.header ?? {};
  return devName ?? (devIndex === undefined ? undefined : String(devIndex));
};

/** Declares the messages of an object: its requests, and what the kernel answers and reports. */
export const ethtoolMessages = <const U extends string, const K extends string, A, AI>(
  name: string,
  body: AttributeSet<A, AI, Attributes>,
  doc: string,
  user: Readonly<Record<U, number>>,
  kernel: Readonly<Record<K, number>>,
) =>
  [
    genlMessage(`${name}-request`, user, body, {
      doc: `${doc} Asks for it, or changes it.`,
      sender: 'user',
      subject,
    }),
    genlMessage(name, kernel, body, { doc, sender: 'kernel', subject }),
  ] as const;
