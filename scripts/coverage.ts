/**
 * `npm run coverage`: how much of netlink is declared, and shown by a fixture; per attribute set,
 * from the declarations themselves.
 *
 *     npm run coverage -- --why     also names each attribute without a fixture, and the reason
 */
import {
  COLUMNS,
  countOf,
  coverageOf,
  GROUPS,
  reasonFor,
  Shown,
  type Column,
  type SetCoverage,
} from '../test/harness/coverage.ts';
import { loadFixtures } from '../test/harness/fixture.ts';

const TITLES: Readonly<Record<Column, string>> = {
  declared: 'declared',
  typed: 'typed',
  inFixtures: 'in fixtures',
  excepted: 'excepted',
  unexplained: 'unexplained',
};

const why = process.argv.includes('--why');
const fixtures = loadFixtures();
const shown = new Shown(fixtures);
const groups = Object.entries(GROUPS).map(([name, sets]) => ({
  name,
  rows: coverageOf(sets(), shown),
}));
const width = Math.max(...groups.flatMap(({ rows }) => rows.map(({ path }) => path.length)));

const line = (name: string, cell: (column: Column) => number | string): string =>
  [name.padEnd(width), ...COLUMNS.map((each) => String(cell(each)).padStart(TITLES[each].length))]
    .join('  ')
    .trimEnd();

function explain(row: SetCoverage): void {
  for (const attr of row.excepted) console.log(`    ${attr.name}: ${reasonFor(row, attr)}`);
  for (const { name } of row.unexplained) console.log(`    ${name}: NO FIXTURE AND NO REASON`);
}

for (const { name, rows } of groups) {
  console.log(`\n${line(name, (column) => TITLES[column])}`);
  for (const row of rows) {
    console.log(line(row.path, (column) => row[column].length));
    if (why) explain(row);
  }
  const title = `${name}: ${rows.length} sets, what they share counted once`;
  console.log(line(title, (column) => countOf(rows, column)));
}
const all = groups.flatMap(({ rows }) => rows);
const count = (column: Column): number => countOf(all, column);
console.log(
  `\n${count('typed')} attributes with a type, ${count('inFixtures')} in ${fixtures.length} fixtures, ` +
    `${count('excepted')} with a reason instead, ${count('unexplained')} unexplained`,
);
process.exitCode = count('unexplained') === 0 ? 0 : 1;
