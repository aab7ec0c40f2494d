/**
 * `netlink-ts/genl`: generic netlink. The families of the kernel with their commands, groups and
 * policies, and connections to families that are declared in a few lines.
 *
 * @example
 * using genl = openGenl();
 * console.log(genl.families.get('nlctrl').groups);
 */
export * from './constants.ts';
export {
  genlFamily,
  genlMessage,
  type AnyGenlMessage,
  type GenlFamily,
  type GenlHead,
  type GenlMessage,
} from './declare.ts';
export { family, nlctrl, type Family, type FamilyInput } from './family/message.ts';
export {
  getFamily,
  listFamilies,
  listPolicies,
  type AttributePolicy,
  type FamilyGroup,
  type FamilyObject,
  type FamilyOp,
  type FamilyPolicy,
} from './family/requests.ts';
export type { FamilyVerbs } from './family/verbs.ts';
export { generic, genericProtocol } from './generic.ts';
export {
  openGenl,
  type AttrsOf,
  type CommandOf,
  type FamilyConnection,
  type FamilyEvent,
  type Genl,
  type GenlEvent,
  type MonitorOptions,
  type OpenOptions,
  type ReplyOf,
} from './open.ts';
export type { Numbered } from '../netlink/codec/numbered.ts';
export type * from '../netlink/named.ts';
