/**
 * What an editor shows of a name in a program: asked of TypeScript's language service, as editors
 * do.
 */
import ts from 'typescript';

/**
 * Of each place in `text` that is marked by a question in a comment in front of a name: the name,
 * and the documentation shown there.
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

/** What the compiler says of a program. */
export function errorsOf(file: string, text: string, options: ts.CompilerOptions): string[] {
  return serviceFor(file, text, options)
    .getSemanticDiagnostics(file)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/** What the compiler says of each line of a program that has a mistake. */
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
