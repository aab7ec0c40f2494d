/**
 * Pages of the library: each entry of the package with everything that it exports to be called,
 * and the verbs of its handles, from the comments that an editor shows.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { pageName, ROOT } from '../../scripts/docs-model.ts';
import refusals from '../refusals.json' with { type: 'json' };
import required from '../required.json' with { type: 'json' };
import { EXAMPLES } from './examples.ts';
import { Requests, tagged } from './requests.ts';
import { commandsPage, scenes } from '../../scripts/commands-page.ts';

export interface Entry {
  /** `netlink-ts/rtnl` */
  readonly name: string;
  /** `rtnl`, as the page is named */
  readonly page: string;
  readonly path: string;
}

/** The entries of package.json that have a source. */
export function entries(): Entry[] {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    exports: Record<string, unknown>;
  };
  return Object.keys(exports).flatMap((subpath) => {
    const word = subpath.slice(2);
    const page = word === '' ? 'index' : word;
    const path = [`src/${word}.ts`, join('src', word, 'index.ts')].find((each) =>
      existsSync(join(ROOT, each)),
    );
    return path === undefined ? [] : [{ name: join('netlink-ts', word), page, path }];
  });
}

/** The pages by name, without the ending. */
export function libraryPages(): Map<string, string> {
  const all = entries();
  const program = ts.createProgram(
    all.map(({ path }) => join(ROOT, path)),
    { ...options(), noEmit: true },
  );
  const writer = new Writer(program);
  const pages = all.map((entry): [string, string] => [
    entry.page,
    writer.page(entry, program.getSourceFile(join(ROOT, entry.path))!),
  ]);
  return new Map([...pages, ['guide', guide()], ['commands', commands()]]);
}

function options(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) =>
    ts.sys.readFile(path),
  ) as {
    config: { compilerOptions: object };
  };
  return ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT).options;
}

/** The command that a call stands beside in docs/commands.md, by its verb: `rt.links.add`. */
const COMMANDS = new Map(
  scenes()
    .flatMap(({ rows }) => rows)
    .toReversed()
    .map((row) => [row.call.split('(')[0]!, row]),
);

class Writer {
  readonly checker: ts.TypeChecker;
  readonly requests: Requests;

  constructor(program: ts.Program) {
    this.checker = program.getTypeChecker();
    this.requests = new Requests(program);
  }

  page({ name, path }: Entry, file: ts.SourceFile): string {
    const exported = this.checker.getExportsOfModule(this.checker.getSymbolAtLocation(file)!);
    const parts = exported
      .map((symbol) => this.aliased(symbol))
      .filter((symbol) => symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Variable))
      .map((symbol) => ({ symbol, type: this.checker.getTypeOfSymbol(symbol) }))
      .filter(({ type }) => type.getCallSignatures().length > 0)
      .sort((a, b) => (a.symbol.name < b.symbol.name ? -1 : 1));
    const opening = /^\/\*\*([^]*?)\*\//
      .exec(file.text)![1]!
      .replace(/^ ?\* ?/gm, '')
      .trim();
    const [about, example] = opening.split('@example');
    const handles = parts
      .filter(({ symbol }) => /^open/.test(symbol.name))
      .map(({ type }) => this.checker.getReturnTypeOfSignature(type.getCallSignatures()[0]!));
    return [
      `---\ntitle: ${JSON.stringify(name)}\n---`,
      `# ${name}`,
      prose(about!),
      ...(example === undefined ? [] : [code(example)]),
      `Declared in \`${path}\`. What each error means: [errors](./errors).`,
      ...[...new Set(handles)].flatMap((handle) => this.handle(handle)),
      '## Functions',
      ...parts.flatMap(({ symbol, type }) => this.callable(symbol.name, symbol, type)),
    ].join('\n\n');
  }

  /** The groups of verbs of a handle, and its own methods. */
  handle(type: ts.Type): string[] {
    const { name } = type.symbol;
    const word = HANDLES[name] ?? name.toLowerCase();
    const members = type.getProperties().filter((each) => !/^__/.test(each.name));
    const own = members.filter((each) => this.isOurs(each) && !INNER.includes(each.name));
    return own.flatMap((member) => {
      const inner = this.checker.getTypeOfSymbol(member);
      if (!(inner.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return [];
      if (inner.getCallSignatures().length > 0)
        return this.callable(`${word}.${member.name}`, member, inner, 2);
      const verbs = inner.getProperties().filter((each) => this.isCallable(each));
      if (verbs.length === 0) return [];
      return [
        `## ${word}.${member.name} {#${word}-${member.name.toLowerCase()}}`,
        prose(this.docOf(member)),
        ...verbs.flatMap((verb) =>
          this.callable(
            `${word}.${member.name}.${verb.name}`,
            verb,
            this.checker.getTypeOfSymbol(verb),
          ),
        ),
      ];
    });
  }

  isOurs({ declarations = [] }: ts.Symbol): boolean {
    return declarations.some((each) => each.getSourceFile().fileName.startsWith(join(ROOT, 'src')));
  }

  isCallable(symbol: ts.Symbol): boolean {
    return this.checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0;
  }

  aliased(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  docOf(symbol: ts.Symbol): string {
    return ts.displayPartsToString(symbol.getDocumentationComment(this.checker));
  }

  callable(name: string, symbol: ts.Symbol, type: ts.Type, level = 3): string[] {
    const tags = symbol.getJsDocTags(this.checker);
    const textsOf = (tag: string): string[] =>
      tags.filter((each) => each.name === tag).map((each) => ts.displayPartsToString(each.text));
    const signature = type.getCallSignatures().at(-1)!;
    const command = COMMANDS.get(name);
    const request = this.requests.of(symbol);
    const [throws, examples] = ['throws', 'example'].map((tag) => {
      const own = textsOf(tag);
      return own.length > 0 || request === undefined ? own : tagged(request, tag, this.checker);
    });
    const example = EXAMPLES.has(name) ? [code(EXAMPLES.get(name)!)] : [];
    const sent = required.required.filter(({ call }) => call.startsWith(`${name}(`));
    const refused = refusals.refusals.filter(({ call }) => call.startsWith(`${name}(`));
    return [
      `${'#'.repeat(level)} ${name} {#${name.toLowerCase().replaceAll('.', '-')}}`,
      `\`\`\`ts\n${this.signatureText(name, signature)}\n\`\`\``,
      prose(this.docOf(symbol)),
      ...this.optionsOf(signature),
      ...attributesOf(symbol),
      ...(throws!.length === 0
        ? name.split('.').length === 3
          ? ["Throws:\n\n- NetlinkError with the errno of the kernel's refusal"]
          : []
        : [`Throws:\n\n${throws!.map((each) => `- ${prose(each)}`).join('\n')}`]),
      ...examples!.map(code),
      ...sent.map(({ call }) => code(call)),
      ...(examples!.length + sent.length > 0 || command !== undefined ? [] : example),
      ...(refused.length === 0
        ? []
        : [
            `Refused, for example:\n\n${refused.map(({ call, message }) => `- \`${call}\`: ${prose(message)}`).join('\n')}`,
          ]),
      ...(command === undefined ? [] : [`As \`${command.command}\`:`, code(command.call)]),
    ].filter((part) => part !== '');
  }

  signatureText(name: string, signature: ts.Signature): string {
    const short = ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;
    const text = this.checker.signatureToString(signature, undefined, short);
    return `${name}${text}`;
  }

  /** The keys of the objects that it takes, unless they are attributes, which have their own page. */
  optionsOf(signature: ts.Signature): string[] {
    return signature.getParameters().flatMap((parameter) => {
      const type = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(parameter));
      if (type.getCallSignatures().length > 0 || type.isUnion()) return [];
      const keys = type.getProperties().filter((each) => this.isOurs(each));
      const texts = keys.map((each) => [each.name, this.docOf(each)] as const);
      if (keys.length === 0 || keys.length > MOST || texts.every(([, doc]) => doc === ''))
        return [];
      const rows = texts.map(
        ([key, doc]) => `- \`${key}\`${doc === '' ? '' : `: ${prose(doc).replaceAll('\n', ' ')}`}`,
      );
      return [`Keys of \`${parameter.name}\`:\n\n${rows.join('\n')}`];
    });
  }
}

/** The page of the message that a verb sends, which has the attributes of its keys. */
function attributesOf(verb: ts.Symbol): string[] {
  const file = verb.declarations?.[0]?.getSourceFile().fileName ?? '';
  const message = join(dirname(file), 'message.ts');
  if (!file.endsWith('/verbs.ts') || !existsSync(message)) return [];
  const name = pageName(relative(ROOT, message));
  return [`Attributes, bytes and what is required: [${name}](../messages/${name}).`];
}

/** Longer lists are attributes, which the pages of messages explain with their bytes. */
const MOST = 40;

/** What programs call the handles whose own name is longer, here and in the guide. */
const HANDLES: Readonly<Record<string, string>> = {
  Rtnl: 'rt',
  Nftables: 'nft',
  Ethtool: 'eth',
  Wireguard: 'wg',
  Devlink: 'dl',
};
/** Of a connection, what a program seldom calls. */
const INNER = ['protocol', 'socket'];

const code = (text: string): string => `\`\`\`ts\n${text.trim()}\n\`\`\``;
const prose = (text: string): string =>
  text
    .replaceAll(/\{@link (\S+?)\}/g, '`$1`')
    .replaceAll('<', '&lt;')
    .replaceAll('{{', '{&#123;')
    .trim();

/** Pages of docs/ are here too; what they name in the repository is not on the site. */
const LINKS: Readonly<Record<string, string>> = {
  'reference/': '../messages/',
  'guide.md': './guide',
  'errors.md': './errors',
  'host-local.md': '../plugins/host-local',
};

function page(file: string): string {
  const text = readFileSync(join(ROOT, 'docs', file), 'utf8');
  return text
    .replaceAll(/(?:^\|.*\n)+/gm, scrolling)
    .replaceAll(
      /\[([^\]]+)\]\((?!https?:)([^)#]*)(#[^)]*)?\)/g,
      (_, text: string, path: string, anchor = '') => {
        if (path === '') return `[${text}](${anchor})`;
        const target = LINKS[path];
        return target === undefined
          ? text
          : `[${text}](${target}${path === 'host-local.md' ? '' : anchor})`;
      },
    );
}

const guide = (): string => page('guide.md');
export const errorsPage = (): string => page('errors.md');
/** The braces of a call are no expression of Vue. */
const commands = (): string =>
  commandsPage()
    .replaceAll(/<table>[^]*?<\/table>/g, scrolling)
    .replaceAll('guide.md#', './guide#');

/** On a phone a table scrolls by itself. */
function scrolling(table: string): string {
  return `<div class="table" v-pre tabindex="0" role="region" aria-label="Table">\n\n${table}\n</div>\n`;
}
