/** Prints definitions as a TypeScript file, broken into lines as prettier breaks them. */
import { entryOf, type Definition, type Source } from './term.ts';

const WIDTH = 100;

/** The file with its imports. `head` is its first comment. */
export function printFile(head: string, definitions: readonly Definition[]): string {
  const used = new Set<string>();
  definitions.forEach(({ source }) => wordsIn(source, used));
  const imports = new Map<string, string[]>();
  const take = (entry: string, name: string): void => {
    imports.set(entry, [...(imports.get(entry) ?? []), name]);
  };
  for (const name of [...used].sort()) {
    const entry = entryOf(name);
    if (entry !== undefined) take(entry, name);
  }
  if (used.has('lazy')) take('netlink-ts/netlink', 'type Codec');
  if (definitions.some(({ type }) => type !== undefined)) {
    take('netlink-ts/netlink', 'type Input');
    take('netlink-ts/netlink', 'type Static');
  }
  const lines = [...imports].sort().map(([entry, names]) => printImport(entry, names));
  const body = definitions.map(
    ({ name, doc, source, type }) =>
      comment(doc) + printed(`export const ${name} = `, source, ';') + typesOf(name, type),
  );
  return [comment(head) + lines.join(''), ...body].join('\n');
}

const typesOf = (name: string, type: string | undefined): string =>
  type === undefined
    ? ''
    : `export type ${type} = Static<typeof ${name}>;\n` +
      `export type ${type}Input = Input<typeof ${name}>;\n`;

function wordsIn(source: Source, used: Set<string>): void {
  if (typeof source === 'string') {
    used.add(source);
  } else if ('call' in source) {
    used.add(source.call);
    source.args.forEach((each) => wordsIn(each, used));
  } else if ('items' in source) {
    source.items.forEach((each) => wordsIn(each, used));
  } else {
    source.entries.forEach(([, each]) => wordsIn(each, used));
  }
}

function printImport(entry: string, names: readonly string[]): string {
  const line = `import { ${names.join(', ')} } from '${entry}';\n`;
  if (line.length <= WIDTH + 1) return line;
  return `import {\n${names.map((name) => `  ${name},\n`).join('')}} from '${entry}';\n`;
}

/** Words in a comment, which cannot end it. */
function comment(doc: string): string {
  const text = doc.replaceAll('*/', '* /');
  if (text === '') return '';
  if (text.length + 7 <= WIDTH) return `/** ${text} */\n`;
  const lines: string[] = [];
  for (const each of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + each.length + 3 <= WIDTH) {
      lines[lines.length - 1] = `${last} ${each}`;
    } else {
      lines.push(each);
    }
  }
  return `/**\n${lines.map((line) => ` * ${line}\n`).join('')} */\n`;
}

/** A statement: what is before the expression, the expression, and what is after it. */
const printed = (before: string, source: Source, after: string): string =>
  `${before}${expression(source, 0, before.length, after.length)}${after}\n`;

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const keyOf = (key: string): string => {
  // Without brackets it would be the prototype.
  if (key === '__proto__') return "['__proto__']";
  if (IDENTIFIER.test(key)) return key;
  return key.includes("'") && !key.includes('"') ? `"${key}"` : `'${escapedKey(key)}'`;
};
const escapedKey = (key: string): string => key.replaceAll('\\', '\\\\').replaceAll("'", "\\'");

function flat(source: Source): string {
  if (typeof source === 'string') return source;
  if ('call' in source) return `${source.call}(${source.args.map(flat).join(', ')})`;
  if ('items' in source) return `[${source.items.map(flat).join(', ')}]`;
  if (source.entries.length === 0) return '{}';
  return `{ ${source.entries.map(entry).join(', ')} }`;
}

const entry = ([key, source]: readonly [string, Source]): string =>
  source === key ? key : `${keyOf(key)}: ${flat(source)}`;

/** Whether a part is in lines of its own however short it is: an attribute set is. */
const isBlock = (source: Source): boolean =>
  typeof source !== 'string' &&
  'call' in source &&
  (['attrs', 'struct'].includes(source.call)
    ? source.args.some((arg) => isObject(arg) && arg.entries.length > 0)
    : source.args.some(isBlock));

/** The expression, which begins in column `used` and is followed by `after` characters. */
function expression(source: Source, indent: number, used: number, after: number): string {
  const line = flat(source);
  if (typeof source === 'string') return line;
  if (!isBlock(source) && used + line.length + after <= WIDTH) return line;
  if ('entries' in source) return block(source.entries, indent);
  const pad = ' '.repeat(indent + 2);
  const broken = (parts: readonly Source[]): string =>
    parts.map((part) => `${pad}${expression(part, indent + 2, indent + 2, 1)},\n`).join('');
  if ('items' in source) {
    return `[\n${broken(source.items)}${' '.repeat(indent)}]`;
  }
  const { call, args } = source;
  const last = args.at(-1);
  // Only what is in braces or brackets at the end is broken, if all before it fits.
  const hugs = isObject(last) || isList(last);
  if (hugs && flat(last).length > 2 && kindOf(last) !== kindOf(args.at(-2))) {
    const before = `${call}(${args
      .slice(0, -1)
      .map((arg) => `${flat(arg)}, `)
      .join('')}`;
    if (used + before.length + 1 <= WIDTH && !args.slice(0, -1).some(isBlock)) {
      const inside = isObject(last)
        ? block(last.entries, indent)
        : `[\n${broken(last.items)}${' '.repeat(indent)}]`;
      return `${before}${inside})`;
    }
  }
  return args.length === 0 ? `${call}()` : `${call}(\n${broken(args)}${' '.repeat(indent)})`;
}

const isObject = (source: Source | undefined): source is Extract<Source, { entries: unknown }> =>
  typeof source === 'object' && 'entries' in source;

const isList = (source: Source | undefined): source is Extract<Source, { items: unknown }> =>
  typeof source === 'object' && 'items' in source;

const kindOf = (source: Source | undefined): string =>
  isObject(source) ? 'object' : isList(source) ? 'list' : 'other';

function block(entries: readonly (readonly [string, Source])[], indent: number): string {
  if (entries.length === 0) return '{}';
  const pad = ' '.repeat(indent + 2);
  const lines = entries.map(([key, source]) => {
    if (source === key) return `${pad}${key},\n`;
    const name = `${keyOf(key)}: `;
    return `${pad}${name}${expression(source, indent + 2, indent + 2 + name.length, 1)},\n`;
  });
  return `{\n${lines.join('')}${' '.repeat(indent)}}`;
}
