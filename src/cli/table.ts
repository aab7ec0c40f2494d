/** Rows of words as a table with aligned columns, and colours for those who can see them. */

/** SGR parameters, ECMA-48 8.3.117. */
const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Style = keyof typeof STYLES;

/** Puts text into a style when `on`. */
export const styled = (text: string, style: Style, on: boolean): string =>
  on && text !== '' ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;

/** Lines of a table, none when it has no rows. Columns in which nothing stands are left out; the last one is not padded. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  colours: boolean,
): string {
  if (rows.length === 0) return '';
  const kept = header.map((_, i) => i).filter((i) => rows.some((row) => (row[i] ?? '') !== ''));
  const width = (i: number): number =>
    rows.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), header[i]!.length);
  const widths = kept.map(width);
  const line = (row: readonly string[]): string =>
    kept
      .map((i, n) => (row[i] ?? '').padEnd(n === kept.length - 1 ? 0 : widths[n]!))
      .join('  ')
      .trimEnd();
  return [styled(line(header), 'bold', colours), ...rows.map(line)]
    .map((text) => `${text}\n`)
    .join('');
}
