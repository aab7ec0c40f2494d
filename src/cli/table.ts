/** Rows of words as a table with aligned columns, in colour on terminals that show it. */
import { printable } from '../printable.ts';
import { fitTo, padTo, textWidth } from './width.ts';

/** SGR parameters, ECMA-48 8.3.117. */
const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Style = keyof typeof STYLES;

/** Applies a style to text if `on`. */
export const styled = (text: string, style: Style, on: boolean): string =>
  on && text !== '' ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;

const GAP = '  ';
/** The minimum width of a column. */
const NARROWEST = 6;

/**
 * The lines of a table; none without rows. Empty columns are left out; the last one is not padded.
 * On a terminal the widest columns are cut until a line fits, marked by an ellipsis; JSON and a
 * pipe have everything.
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

/** Shrinks the widest column until all fit. */
function narrow(widths: number[], room: number): void {
  let sum = widths.reduce((all, each) => all + each, 0);
  while (sum > room) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= NARROWEST) return;
    widths[widest]!--;
    sum--;
  }
}
