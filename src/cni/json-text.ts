/**
 * JSON as text, the way the reference reads and prints it (Go `encoding/json`).
 *
 * Reading keeps what the decoder needs and `JSON.parse` discards: the order and the repetition of
 * object keys, and the spelling of numbers (`1.0` is no integer). Error texts are those of the
 * reference; the position, which the reference does not report, is kept separately.
 */

export type JsonNode = null | boolean | string | JsonNumber | readonly JsonNode[] | JsonObject;
/** A number as it was written. */
export interface JsonNumber {
  readonly number: string;
}
/** Members in document order; a key may occur more than once. */
export interface JsonObject {
  readonly members: readonly (readonly [key: string, value: JsonNode])[];
}

/** A list or an object that is being read. */
interface Open {
  readonly node: JsonNode[] | { readonly members: [string, JsonNode][] };
  /** The key that waits for its value; undefined in a list. */
  key: string | undefined;
}

export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  /** Where the text is wrong, for people: `line 3, column 14`. */
  readonly position: string;

  constructor(message: string, text: string, at: number) {
    super(message);
    const before = text.slice(0, at).split('\n');
    this.position = `line ${before.length}, column ${before.at(-1)!.length + 1}`;
  }
}

/** Checked before `space` is called: a long document would need a million calls. */
const SPACE = 0x20;

/** From this many bytes on it is worth checking whether every string ends at the next quote. */
const LONG = 64 * 1024;
const BACKSLASH = 0x5c;
/** What the end of a deeply nested document looks like; `ranges` are lists of lists. */
const DEEP = [']]]', '}}}}}}}}', ']}]}]}]}'];

function hasControls(bytes: Uint8Array): boolean {
  for (let code = 0; code < 0x20; code++) if (bytes.includes(code)) return true;
  return false;
}

/**
 * The limit of the reference. Nested lists and objects do not recurse here, so the stack cannot
 * overflow.
 */
const MAX_DEPTH = 10_000;
const END = 'unexpected end of JSON input';

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * A document without escapes as the engine's own parser reads it, which is faster by far. Undefined
 * unless it prints as the same text: then there are no spaces, and no key, order or spelling is
 * lost. Deep nesting is left to `parseJson`, which counts it and does not recurse.
 */
function readByEngine(text: string): JsonNode | undefined {
  if (DEEP.some((ends) => text.includes(ends))) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? nodeOf(value) : undefined;
  } catch {
    return undefined;
  }
}

function nodeOf(value: unknown): JsonNode {
  if (typeof value === 'number') return { number: String(value) };
  if (typeof value !== 'object' || value === null) return value as JsonNode;
  return Array.isArray(value) ? value.map(nodeOf) : new EngineObject(value);
}

/**
 * An object whose members become nodes only when they are read, which most of a long document never
 * is.
 */
class EngineObject implements JsonObject {
  private readonly value: object;
  private nodes: JsonObject['members'] | undefined;

  constructor(value: object) {
    this.value = value;
    this.nodes = undefined;
  }

  get members(): JsonObject['members'] {
    return (this.nodes ??= Object.entries(this.value).map(([key, value]) => [key, nodeOf(value)]));
  }
}

/**
 * Parses one JSON document; invalid UTF-8 in `bytes` is read as U+FFFD.
 *
 * Regular expressions are used only where a configuration seldom needs them: each is compiled on
 * first use, and a process reads one document.
 */
export function parseJson(bytes: Uint8Array): JsonNode {
  // Go treats a byte order mark as an invalid character, so it must not be skipped here.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const isLong = bytes.length > LONG && !bytes.includes(BACKSLASH);
  const read = isLong ? readByEngine(text) : undefined;
  if (read !== undefined) return read;
  const isPlain = isLong && !hasControls(bytes);
  let at = 0;

  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };
  const space = (): void => {
    for (; ; at++) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x09 && code !== 0x0d) return;
    }
  };
  /** The characters of a string up to its end, an escape, or an invalid character. */
  const plain = (): string => {
    const start = at;
    for (; ; at++) {
      const code = text.charCodeAt(at);
      // `code` is not a number at the end of the text.
      if (!(code >= 0x20) || code === 0x22 || code === 0x5c) return text.slice(start, at);
    }
  };
  const fail = (context: string): never => {
    if (at >= text.length) throw new JsonSyntaxError(END, text, at);
    const character = String.fromCodePoint(text.codePointAt(at)!);
    throw new JsonSyntaxError(`invalid character '${visible(character)}' ${context}`, text, at);
  };

  const string = (): string => {
    at++;
    const end = isPlain ? text.indexOf('"', at) : -1;
    if (end >= 0) {
      const start = at;
      at = end + 1;
      return text.slice(start, end);
    }
    let value = '';
    let escaped = false;
    for (;;) {
      value += plain();
      const character = text[at];
      if (character === '"') {
        at++;
        return escaped ? value.toWellFormed() : value;
      }
      if (character !== '\\') fail('in string literal');
      at++;
      const escape = text[at] ?? '';
      if (escape === 'u') {
        at++;
        const digits = match(/[0-9a-fA-F]{4}/y);
        if (digits === '') {
          while (/[0-9a-fA-F]/.test(text[at] ?? '')) at++;
          fail('in \\u hexadecimal character escape');
        }
        value += String.fromCharCode(parseInt(digits, 16));
        escaped = true;
      } else {
        value += ESCAPES[escape] ?? fail('in string escape code');
        at++;
      }
    }
  };

  const literal = <T>(word: string, value: T): T => {
    for (let i = 1; i < word.length; i++) {
      at++;
      if (text[at] !== word[i]) fail(`in literal ${word} (expecting '${word[i]}')`);
    }
    at++;
    return value;
  };

  const number = (): JsonNumber => {
    const start = at;
    const digits = match(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y);
    if (digits === '') {
      at++;
      fail('in numeric literal');
    }
    // `1.` and `1e` end the pattern early; report that here and not at the character after the
    // number.
    const next = text[at];
    if (next === '.' && !digits.includes('.') && !/[eE]/.test(digits)) {
      at++;
      fail('after decimal point in numeric literal');
    }
    if ((next === 'e' || next === 'E') && !/[eE]/.test(digits)) {
      at++;
      if (text[at] === '+' || text[at] === '-') at++;
      fail('in exponent of numeric literal');
    }
    return { number: text.slice(start, at) };
  };

  const scalar = (character: string | undefined): JsonNode => {
    switch (character) {
      case '"':
        return string();
      case 't':
        return literal('true', true);
      case 'f':
        return literal('false', false);
      case 'n':
        return literal('null', null);
    }
    if (character === '-' || (character !== undefined && character >= '0' && character <= '9')) {
      return number();
    }
    return fail('looking for beginning of value');
  };

  const key = (): string => {
    if (text.charCodeAt(at) <= SPACE) space();
    if (text[at] !== '"') fail('looking for beginning of object key string');
    const name = string();
    if (text.charCodeAt(at) <= SPACE) space();
    if (text[at] !== ':') fail('after object key');
    at++;
    return name;
  };

  const value = (): JsonNode => {
    const around: Open[] = [];
    for (;;) {
      if (text.charCodeAt(at) <= SPACE) space();
      const character = text[at];
      let node: JsonNode;
      if (character === '[' || character === '{') {
        if (around.length === MAX_DEPTH) fail('exceeded max depth');
        at++;
        space();
        const isList = character === '[';
        const opened = isList ? [] : { members: [] };
        if (text[at] !== (isList ? ']' : '}')) {
          around.push({ node: opened, key: isList ? undefined : key() });
          continue;
        }
        at++;
        node = opened;
      } else node = scalar(character);
      // The value is complete; if it was the last one, so is the list or object that contains it.
      for (;;) {
        const open = around[around.length - 1];
        if (open === undefined) return node;
        const isList = open.key === undefined;
        if (isList) (open.node as JsonNode[]).push(node);
        else (open.node as { members: unknown[] }).members.push([open.key, node]);
        if (text.charCodeAt(at) <= SPACE) space();
        if (text[at] === ',') {
          at++;
          if (!isList) open.key = key();
          break;
        }
        if (text[at] !== (isList ? ']' : '}')) {
          fail(isList ? 'after array element' : 'after object key:value pair');
        }
        at++;
        around.pop();
        node = open.node;
      }
    }
  };

  const document = value();
  space();
  if (at < text.length) fail('after top-level value');
  return document;
}

/** A character as a message shows it: an invisible one as its code. */
function visible(character: string): string {
  if (character === "'") return "\\'";
  if (character === '"') return character;
  if (character > '~' && /[\s\u200b-\u200f\u2060]/.test(character)) {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  }
  return JSON.stringify(character).slice(1, -1);
}

export function isObject(node: JsonNode): node is JsonObject {
  return typeof node === 'object' && node !== null && 'members' in node;
}

export function isArray(node: JsonNode): node is readonly JsonNode[] {
  return Array.isArray(node);
}

/** The kind of JSON value that a node is, for messages. */
export function kindOf(node: JsonNode): string {
  if (node === null) return 'null';
  if (isArray(node)) return 'array';
  if (typeof node !== 'object') return typeof node;
  return isObject(node) ? 'object' : 'number';
}

/** The beginning of a text that may be too long for a message. */
export const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length)}…`;

/** A node as compact JSON text, cut to a length that fits into a message. */
export const excerpt = (node: JsonNode, length = 64): string => cut(compact(node, length), length);

/**
 * At least the first `room` characters and one more, however large the node is; deeper values begin
 * where the text is cut.
 */
function compact(node: JsonNode, room: number): string {
  if (room < 0) return '';
  if (typeof node === 'string') return JSON.stringify(node.slice(0, room + 1));
  if (typeof node !== 'object' || node === null) return JSON.stringify(node);
  const isList = isArray(node);
  if (!isList && !isObject(node)) return node.number.slice(0, room + 1);
  let text = isList ? '[' : '{';
  const count = isList ? node.length : node.members.length;
  for (let i = 0; i < count && text.length <= room; i++) {
    if (i > 0) text += ',';
    if (!isList) text += `${compact(node.members[i]![0], room - text.length)}:`;
    text += compact(isList ? node[i]! : node.members[i]![1], room - text.length);
  }
  return text + (isList ? ']' : '}');
}

/**
 * Prints a value with an indent of four spaces and no newline at the end, keys in the order they
 * have.
 *
 * `<`, `>`, `&`, U+2028 and U+2029 are escaped, as Go does to make JSON safe inside HTML and
 * scripts.
 */
export function formatJson(value: unknown): string {
  return JSON.stringify(value, null, 4).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
