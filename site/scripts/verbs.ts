/** The verbs on an object, as the interface in its `verbs.ts` documents them. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, type Page } from '../../scripts/docs-model.ts';

export interface Verb {
  /** `rt.addrs.add(spec)` */
  readonly signature: string;
  readonly doc: string;
  readonly example: string | undefined;
}

/** A method with the comment above it, if it has one; in an interface they start at two spaces. */
const METHOD = /^(?: {2}\/\*\*((?:(?!\*\/)[^])*)\*\/\n)? {2}(\w+)(?:<[^(]*>)?\(([^]*?)\): /gm;

export function verbsOf({ path }: Page): Verb[] {
  if (!path.endsWith('/message.ts')) return [];
  const file = join(ROOT, dirname(path), 'verbs.ts');
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^export interface (\w+) \{\n([^]*?)^\}/gm)]
    .filter(([, name]) => text.includes(`export function ${lower(name!)}(`))
    .flatMap(([, name, body]) =>
      overloadsOnce([...body!.matchAll(METHOD)]).map(([, comment, method, parameters]): Verb => {
        const [doc, example] = uncommented(comment ?? '').split('@example');
        const names = parameters!.matchAll(/(?:^|, |\n\s*)(\.{3})?(\w+)\??:/g);
        const list = [...names].map(([, dots = '', each]) => `${dots}${each}`).join(', ');
        return {
          signature: `${lower(name!)}.${method}(${list})`,
          doc: doc!.replace(/@\w[^]*/, '').trim(),
          example: example?.trim(),
        };
      }),
    );
}

/** The first of the overloads of a method has its comment. */
const overloadsOnce = (methods: readonly RegExpExecArray[]): RegExpExecArray[] =>
  methods.filter(([, , name], i) => methods.findIndex((each) => each[2] === name) === i);

const lower = (name: string): string => name[0]!.toLowerCase() + name.slice(1);
const uncommented = (comment: string): string => comment.replace(/^ *\* ?/gm, '').trim();
