/**
 * `netlink-ts/ynl`: families of the kernel that are declared by its own specifications in YAML
 * (Documentation/netlink/specs), which are read at run time from wherever the caller has them.
 *
 * @example
 * using netdev = ynl(readFileSync('netdev.yaml', 'utf8'));
 * for (const { ifindex } of netdev.dump('dev-get')) console.log(ifindex);
 */
import { parseDocument } from 'yaml';
import { CodecError } from '../errors.ts';
import { checkArguments, checkedFunction } from '../netlink/codec/arguments.ts';
import type { OpenOptions } from '../netlink/handle.ts';
import { declareFamily, type YnlFamily } from './ynl-family.ts';
import { openYnl, type Ynl } from './open.ts';
import { camel } from './term.ts';

export type { MonitorOptions, OpenOptions } from '../netlink/handle.ts';
export type { Monitor, Unreadable } from '../netlink/monitor.ts';
export type { YnlFamily, YnlOperation, YnlRequest } from './ynl-family.ts';
export type { Ynl, YnlCallOptions, YnlEvent, YnlValue } from './open.ts';

/** The text of a specification, or what a parser of YAML or JSON has made of it. */
export type YnlSpec = string | object;

export interface YnlOptions {
  /**
   * How the keys of values are written: `spec` as in the specification, `dev-index`, or `camel`,
   * `devIndex`. Default `camel`.
   */
  readonly keys?: 'camel' | 'spec' | undefined;
}

/**
 * Opens the family of a specification, or one that `ynlFamily` has made of it: its operations and
 * groups by the names that are in it.
 *
 * @throws CodecError for a specification that contradicts itself, with the place in it
 * @throws NetlinkError ENOENT if the kernel does not have the family; the error names the module
 *
 * @example
 * using nlctrl = ynl(readFileSync('nlctrl.yaml', 'utf8'));
 * console.log(nlctrl.do('getfamily', { familyName: 'nlctrl' }));
 */
export const ynl = checkedFunction(
  'ynl',
  'spec: string | object, options?: object',
  (spec: YnlSpec | YnlFamily, options: YnlOptions & OpenOptions = {}): Ynl =>
    openYnl('ynl', isFamily(spec) ? spec : ynlFamily(spec, options), options),
);

/**
 * The declaration of a specification, without opening anything: to decode bytes with it.
 *
 * @throws CodecError for a specification that contradicts itself, with the place in it
 */
export const ynlFamily = checkedFunction(
  'ynlFamily',
  'spec: string | object, options?: object',
  (spec: YnlSpec, options: YnlOptions = {}): YnlFamily => declared(spec, options).family,
);

/**
 * A TypeScript file that declares the same messages, in the functions of `netlink-ts/netlink` and
 * `netlink-ts/genl`.
 *
 * @throws CodecError for a specification that contradicts itself, with the place in it
 */
export const ynlSource = checkedFunction(
  'ynlSource',
  'spec: string | object, options?: object',
  (spec: YnlSpec, options: YnlOptions = {}): string => declared(spec, options).source,
);

const families = new WeakSet<object>();

const isFamily = (spec: YnlSpec | YnlFamily): spec is YnlFamily =>
  typeof spec === 'object' && families.has(spec);

function declared(spec: YnlSpec, { keys = 'camel' }: YnlOptions): ReturnType<typeof declareFamily> {
  if (keys !== 'camel' && keys !== 'spec') {
    checkArguments('ynl', 'keys: string', [keys]);
    throw new CodecError(`ynl: keys must be camel or spec, not "${String(keys)}"`);
  }
  const document = typeof spec === 'string' ? parsed(spec) : spec;
  const made = declareFamily(document, keys === 'camel' ? camel : (name) => name);
  families.add(made.family);
  return made;
}

function parsed(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new CodecError(`the specification is not YAML: ${error.message.split('\n')[0]}`);
  }
  return document.toJS();
}
