/** Rows of words as a table with aligned columns, and colours for those who can see them. */
import { printable } from '../printable.ts';
import { fitTo, padTo, textWidth } from './width.ts';

/** SGR parameters, ECMA-48 8.3.117. */
const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Style = keyof typeof STYLES;

/** Puts text into a style when `on`. */
export const styled = (text: string, style: Style, on: boolean): string =>
  on && text !== '' ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;

const GAP = '  ';
/** A column is not made narrower than this. */
const NARROWEST = 6;

/**
 * Lines of a table, none when it has no rows. Columns in which nothing stands are left out; the last one is not padded. On a terminal the
 * widest columns give way until a line fits, and an ellipsis says where: JSON and a pipe have all of it.
 */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  colours: boolean,
  width?: number,
): string {
  if (rows.length === 0) return '';
  const texts = rows.map((row) => header.map((_, i) => printable(row[i] ?? '')));
  const kept = header.map((_, i) => i).filter((i) => texts.some((row) => row[i] !== ''));
  const widths = kept.map((i) =>
    texts.reduce((most, row) => Math.max(most, textWidth(row[i]!)), header[i]!.length),
  );
  if (width !== undefined) narrow(widths, width - GAP.length * (widths.length - 1));
  const line = (row: readonly string[]): string =>
    kept
      .map((i, n) => padTo(fitTo(row[i]!, widths[n]!), widths[n]!))
      .join(GAP)
      .trimEnd();
  return [styled(line(header), 'bold', colours), ...texts.map(line)]
    .map((text) => `${text}\n`)
    .join('');
}

/** Takes from the widest until all together have room. */
function narrow(widths: number[], room: number): void {
  let sum = widths.reduce((all, each) => all + each, 0);
  while (sum > room) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= NARROWEST) return;
    widths[widest]!--;
    sum--;
  }
}
