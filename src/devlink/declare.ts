/**
 * What all messages of devlink have: a handle, which names a device by its bus and its name on it.
 * Requests, answers and notifications of an object have the same attributes, and those of all
 * objects are numbered together.
 *
 * include/uapi/linux/devlink.h, `enum devlink_attr`; devlink(8).
 */
import { genlMessage } from '../genl/declare.ts';
import { attr, type AttributeSet, type Attributes } from '../netlink/codec/attributes.ts';
import { cstr, u32, u8, type Scalar } from '../netlink/codec/codec.ts';
import { enumOf } from '../netlink/codec/enums.ts';
import type { Sender } from '../netlink/codec/message.ts';
import { struct } from '../netlink/codec/struct.ts';

export const handle = {
  busName: attr('DEVLINK_ATTR_BUS_NAME', 1, cstr, 'bus of the device: `pci`'),
  devName: attr('DEVLINK_ATTR_DEV_NAME', 2, cstr, 'name of the device on its bus: `0000:01:00.0`'),
};

export const portHandle = {
  ...handle,
  portIndex: attr('DEVLINK_ATTR_PORT_INDEX', 3, u32, 'port of the device'),
};

export const linecardIndex = attr('DEVLINK_ATTR_LINECARD_INDEX', 171, u32, 'slot of the line card');

/** The types of values of parameters and reports: `NLA_*` of include/net/netlink.h. */
export const valueType = enumOf(u8, {
  u8: 1,
  u16: 2,
  u32: 3,
  u64: 4,
  string: 5,
  flag: 6,
  nul_string: 10,
  binary: 11,
});

/** `struct nla_bitfield32`: bits, and which of them are meant. */
export const bitfield32 = <T, I>(bits: Scalar<T, I>) =>
  struct('nla_bitfield32', { value: bits, selector: bits });

interface Named {
  readonly busName?: string | undefined;
  readonly devName?: string | undefined;
  readonly portIndex?: number | undefined;
}

/** `pci/0000:01:00.0`, or `pci/0000:01:00.0/1` for a port; what devlink(8) calls a handle. */
export function handleText({ busName, devName, portIndex }: Named): string | undefined {
  if (busName === undefined || devName === undefined) return undefined;
  const dev = `${busName}/${devName}`;
  return portIndex === undefined ? dev : `${dev}/${portIndex}`;
}

/** Declares the messages of an object. */
export const devlinkMessage = <const C extends string, A, AI>(
  name: string,
  doc: string,
  commands: Readonly<Record<C, number>>,
  body: AttributeSet<A, AI, Attributes>,
  sender?: Sender,
) =>
  genlMessage(name, commands, body, {
    doc,
    ...(sender && { sender }),
    subject: ({ attrs: a }) => (a == null ? undefined : handleText(a as Named)),
  });
