/**
 * Families of generic netlink in a trace or a capture: their ids are assigned at run time, and a
 * program asks the controller for them before it sends anything.
 */
import { GENL_ID_CTRL } from '../genl/constants.ts';
import { genlMessage, type GenlFamily } from '../genl/declare.ts';
import { family, type Family } from '../genl/family/message.ts';
import { generic, genericProtocol } from '../genl/generic.ts';
import { devlink } from '../devlink/devlink.ts';
import { ethtool } from '../ethtool/ethtool.ts';
import { wireguard } from '../wireguard/wireguard.ts';
import { attrs } from '../netlink/codec/attributes.ts';
import { viewOf } from '../netlink/codec/bytes.ts';
import { eachFrame } from '../netlink/codec/datagram.ts';
import { CodecError } from '../errors.ts';
import { NETLINK_GENERIC, NLMSG_HDRLEN } from '../netlink/constants.ts';
import type { Protocol } from '../netlink/codec/protocol.ts';
import type { Datagram } from './captured.ts';

/** The families that are declared, besides the controller. */
export const DECLARED_FAMILIES: readonly GenlFamily[] = [wireguard, ethtool, devlink];

/** What is known of a family without a declaration: commands and attributes have numbers. */
function undeclared(name: string): GenlFamily {
  const commands: Record<string, number> = {};
  for (let command = 0; command < 256; command++) commands[`${name}:${command}`] = command;
  const doc = 'A message that is not declared.';
  return { ...COMMON, name, messages: [genlMessage(name, commands, attrs({}), { doc })] };
}

const declaredAs = (name: string): GenlFamily =>
  DECLARED_FAMILIES.find((family) => family.name === name) ?? undeclared(name);

/**
 * `NETLINK_GENERIC:wireguard=26`: the name of a protocol, and the ids of families that it knows.
 */
export function nameWithIds(protocol: Protocol): string {
  if (protocol.number !== NETLINK_GENERIC) return protocol.name;
  const ids = DECLARED_FAMILIES.flatMap(({ name }) => {
    const id = protocol.typeNumber(name);
    return id === undefined ? [] : [`${name}=${id}`];
  });
  return ids.length === 0 ? protocol.name : `${protocol.name}:${ids.join(',')}`;
}

/** The protocol with the families of `wireguard=26,ethtool=21`; undefined for any other text. */
export function genericWith(ids: string): Protocol | undefined {
  const families: [GenlFamily, number][] = [];
  for (const each of ids.split(',')) {
    const [, name, id] = /^([^=]+)=(\d+)$/.exec(each) ?? [];
    if (name === undefined) return undefined;
    families.push([declaredAs(name), Number(id)]);
  }
  return genericProtocol(families);
}

const COMMON = { version: 1, module: undefined } as const;

/** The datagrams, those of generic netlink with the protocol that knows the families among them. */
export function withFamilies(datagrams: readonly Datagram[]): readonly Datagram[] {
  const ours = datagrams.filter(({ protocol }) => protocol === generic);
  const found = new Map(ours.flatMap(({ bytes }) => familiesIn(bytes)));
  if (found.size === 0) return datagrams;
  const protocol = genericProtocol([...found].map(([id, name]) => [declaredAs(name), id]));
  return datagrams.map((each) => (each.protocol === generic ? { ...each, protocol } : each));
}

/** The ids and names in the controller's messages, of families without a header of their own. */
export function familiesIn(bytes: Uint8Array): [id: number, name: string][] {
  const view = viewOf(bytes);
  const found: [number, string][] = [];
  try {
    eachFrame(view, (type, _flags, _seq, at, end) => {
      if (type !== GENL_ID_CTRL) return;
      const { attrs: a } = family.get(view, at + NLMSG_HDRLEN, end) as Family;
      const { familyId: id, familyName: name, hdrsize } = a;
      if (id !== undefined && id !== GENL_ID_CTRL && name !== undefined && hdrsize === 0) {
        found.push([id, name]);
      }
    });
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    // A message that is cut short is skipped; its error is reported when it is decoded.
  }
  return found;
}
