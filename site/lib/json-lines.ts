/** JSON as lines, each with its place in the value. */
import type { Path } from './dissect.ts';

export interface JsonLine {
  readonly indent: number;
  /** The key with its colon, or nothing. */
  readonly key: string;
  readonly text: string;
  readonly kind: 'string' | 'number' | 'word' | 'bracket';
  readonly tail: string;
  readonly path: Path;
}

const WIDTH = 56;

export function jsonLines(value: unknown): JsonLine[] {
  const lines: JsonLine[] = [];
  visit(value, [], 0, '', '', lines);
  return lines;
}

function visit(
  value: unknown,
  path: Path,
  indent: number,
  key: string,
  tail: string,
  lines: JsonLine[],
): void {
  const line = { indent, key, tail, path };
  if (typeof value !== 'object' || value === null) {
    const kind =
      typeof value === 'string' ? 'string' : typeof value === 'number' ? 'number' : 'word';
    lines.push({ ...line, text: JSON.stringify(value), kind });
    return;
  }
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  const [open, close] = isList ? '[]' : '{}';
  const flat = isList && value.every((item) => typeof item !== 'object');
  const oneLine = flat ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]` : '';
  if (entries.length === 0 || (flat && oneLine.length + key.length + indent * 2 <= WIDTH)) {
    lines.push({ ...line, text: flat ? oneLine : `${open}${close}`, kind: 'bracket' });
    return;
  }
  lines.push({ ...line, text: open!, tail: '', kind: 'bracket' });
  entries.forEach(([name, item], i) => {
    const comma = i + 1 < entries.length ? ',' : '';
    const step = isList ? i : name;
    const label = isList ? '' : `${/^[a-z_]\w*$/i.test(name) ? name : JSON.stringify(name)}: `;
    visit(item, [...path, step], indent + 1, label, comma, lines);
  });
  lines.push({ indent, key: '', text: close!, tail, kind: 'bracket', path });
}
