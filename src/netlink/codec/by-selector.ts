/**
 * Attributes whose contents depend on a neighbouring attribute, all forms of which are known: the
 * sub-messages of the kernel's specifications. `by-kind.ts` has those that callers can add to.
 */
import { checkedFunction } from './arguments.ts';
import type { Selected } from './attributes.ts';
import type { Codec, Inner } from './codec.ts';
import { CodecError } from '../../errors.ts';

/**
 * An attribute's codec, selected by the value under the key `by` of the same set: a name, or a
 * number in decimal digits. `otherwise` is that of all other values; without it, they leave the
 * attribute as bytes under `nla<number>`.
 *
 * @throws CodecError for arguments of the wrong type
 *
 * @example
 * data: attr('IFLA_INFO_DATA', 2, nested(bySelector('kind', { vlan, vrf })))
 */
export const bySelector = checkedFunction(
  'bySelector',
  'by: string, forms: object, otherwise?: object',
  (
    by: string,
    forms: Readonly<Record<string, Codec<any, any>>>,
    otherwise?: Codec<any, any>,
  ): Selected<any, any> => new BySelector(by, forms, otherwise),
);

class BySelector implements Selected<any, any> {
  declare readonly key: string;
  declare readonly forms: Readonly<Record<string, Codec<any, any>>>;
  declare readonly otherwise: Codec<any, any> | undefined;

  constructor(
    key: string,
    forms: Readonly<Record<string, Codec<any, any>>>,
    otherwise: Codec<any, any> | undefined,
  ) {
    this.key = key;
    this.forms = forms;
    this.otherwise = otherwise;
  }

  get type(): string {
    return `chosen by ${this.key}`;
  }

  get by(): readonly string[] {
    return [this.key];
  }

  select(value: unknown): Codec<any, any> | undefined {
    const isWord = typeof value === 'string' || typeof value === 'number';
    const word = isWord ? String(value) : '';
    return isWord && Object.hasOwn(this.forms, word) ? this.forms[word] : this.otherwise;
  }

  get(): never {
    throw new CodecError(`the codec is selected by "${this.key}"`);
  }

  put(): never {
    throw new CodecError(`the codec is selected by "${this.key}"`);
  }

  show(): never {
    throw new CodecError(`the codec is selected by "${this.key}"`);
  }

  inner(): readonly Inner[] {
    const inner = Object.entries(this.forms).map(([word, codec]) => ({ word, codec }));
    return this.otherwise === undefined ? inner : [...inner, { codec: this.otherwise }];
  }
}
