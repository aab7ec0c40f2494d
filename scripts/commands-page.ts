/** docs/commands.md: each command with the call that does the same, as `commands.ts` has it. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';

const SOURCE = resolve(import.meta.dirname, 'commands.ts');

interface Row {
  readonly command: string;
  readonly call: string;
}

export function commandsPage(): string {
  const all = scenes();
  const count = all.reduce((sum, { rows }) => sum + rows.length, 0);
  return [
    '<!-- Written by `npm run docs` from scripts/commands.ts. Do not edit. -->',
    '# From `ip`, `bridge` and `nft` to netlink-ts',
    `${count} commands, with the call that does the same. \`npm test\` runs both, each in a namespace of its
own, and compares what the kernel has afterwards. The commands of a table follow each other.
\`rt\` is \`open()\`, \`nft\` is \`openNftables()\`; the words of rules, such as \`tcp.dport\`, come from
\`netlink-ts/nftables\`.`,
    ...all.flatMap(({ title, rows }) => [`## ${title}`, table(rows)]),
    '## Lists',
    `A list takes as a filter what the command takes: \`ip -4 route show table 100\` is
\`rt.routes.list({ family: 'inet', table: 100 })\`. [guide.md](guide.md#open-ask-change) has more.`,
    '',
  ].join('\n\n');
}

/** In HTML, as a cell of Markdown has no room for lines. */
const table = (rows: readonly Row[]): string =>
  [
    '<table>',
    '<thead><tr><th>command</th><th>call</th></tr></thead>',
    '<tbody>',
    ...rows.map(
      ({ command, call }) =>
        `<tr><td><code>${escape(command)}</code></td><td><code>${escape(call)}</code></td></tr>`,
    ),
    '</tbody>',
    '</table>',
  ].join('\n');

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The texts of the calls, which a bundler would print in a form of its own. */
export function scenes(): { title: string; rows: Row[] }[] {
  const text = readFileSync(SOURCE, 'utf8');
  const file = ts.createSourceFile(SOURCE, text, ts.ScriptTarget.Latest, true);
  const found: { title: string; rows: Row[] }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'title') {
      found.push({ title: (node.initializer as ts.StringLiteral).text, rows: [] });
    }
    if (ts.isCallExpression(node) && node.expression.getText() === 'pair') {
      const [command, call] = node.arguments;
      const body = (call as ts.ArrowFunction).body.getText();
      found.at(-1)!.rows.push({
        command: (command as ts.StringLiteral).text,
        call: body
          .replaceAll(/\s+/g, ' ')
          .replaceAll(/,(?= [\]})])/g, '')
          .replaceAll('( ', '('),
      });
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
