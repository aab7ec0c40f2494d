/**
 * What an editor shows for a name in a program, from TypeScript's language service, which editors
 * use.
 */
import ts from 'typescript';

/**
 * For each name in `text` with a question mark in a comment before it: the name, and the
 * documentation that is shown there.
 */
export function hovers(
  file: string,
  text: string,
  options: ts.CompilerOptions,
): [string, string][] {
  const service = serviceFor(file, text, options);
  const found: [string, string][] = [];
  for (const { index, 0: mark } of text.matchAll(MARK)) {
    const at = index + mark.length;
    const name = /^\w+/.exec(text.slice(at))![0];
    const shown = service.getQuickInfoAtPosition(file, at);
    found.push([name, ts.displayPartsToString(shown?.documentation)]);
  }
  return found;
}

/** The compiler's errors for a program. */
export function errorsOf(file: string, text: string, options: ts.CompilerOptions): string[] {
  return serviceFor(file, text, options)
    .getSemanticDiagnostics(file)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/** The compiler's errors for each line of a program that has a mistake. */
export function errorsByLine(
  file: string,
  text: string,
  options: ts.CompilerOptions,
): ReadonlyMap<string, string> {
  const lines = text.split('\n');
  const said = new Map<string, string>();
  for (const each of serviceFor(file, text, options).getSemanticDiagnostics(file)) {
    const line = lines[each.file!.getLineAndCharacterOfPosition(each.start!).line]!;
    const message = ts.flattenDiagnosticMessageText(each.messageText, '\n');
    said.set(line, said.has(line) ? `${said.get(line)}\n${message}` : message);
  }
  return said;
}

const MARK = /\/\*\?\*\/ ?/g;

function serviceFor(file: string, text: string, options: ts.CompilerOptions): ts.LanguageService {
  const read = (path: string): string | undefined => (path === file ? text : ts.sys.readFile(path));
  return ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const content = read(path);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => ts.sys.getCurrentDirectory(),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (path) => path === file || ts.sys.fileExists(path),
    readFile: read,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
}
