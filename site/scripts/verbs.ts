/** The verbs on an object, as the interface in its `verbs.ts` documents them. */
import { globSync, readFileSync } from 'node:fs';
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

/** `export function addrs(target: Target): AddrVerbs` */
const OBJECT = /^export function (\w+)\(target: Target\): (\w+)/gm;

export function verbsOf({ path }: Page): Verb[] {
  if (!path.endsWith('/message.ts')) return [];
  const folder = join(ROOT, dirname(path));
  return globSync('*.ts', { cwd: folder })
    .sort()
    .flatMap((file) => verbsIn(readFileSync(join(folder, file), 'utf8')));
}

function verbsIn(text: string): Verb[] {
  return [...text.matchAll(OBJECT)].flatMap(([, object, type]) => {
    const body = bodyOf(text, type!);
    return overloadsOnce([...body.matchAll(METHOD)]).map(
      ([, comment, method, parameters]): Verb => {
        const [doc, example] = uncommented(comment ?? '').split('@example');
        const names = parameters!.matchAll(/(?:^|, |\n\s*)(\.{3})?(\w+)\??:/g);
        const list = [...names].map(([, dots = '', each]) => `${dots}${each}`).join(', ');
        return {
          signature: `${object}.${method}(${list})`,
          doc: doc!.replace(/@\w[^]*/, '').trim(),
          example: example?.trim(),
        };
      },
    );
  });
}

/** The members of an interface; those of the one that it extends come first. */
function bodyOf(text: string, type: string): string {
  const found = new RegExp(`^export interface ${type} (?:extends (\\w+) )?\\{\n([^]*?)\n\\}`, 'm');
  const [, base, body = ''] = found.exec(text) ?? [];
  return base === undefined ? body : `${bodyOf(text, base)}\n${body}`;
}

/** The first of the overloads of a method has its comment. */
const overloadsOnce = (methods: readonly RegExpExecArray[]): RegExpExecArray[] =>
  methods.filter(([, , name], i) => methods.findIndex((each) => each[2] === name) === i);

const uncommented = (comment: string): string => comment.replace(/^ *\* ?/gm, '').trim();
