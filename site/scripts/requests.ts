/**
 * The function that makes the request of a verb: `rt.addrs.add` sends what `addAddr` makes, whose
 * comment says what is thrown. It is found in the code: the verbs of an interface are the members
 * of the object that the function with this result returns.
 */
import ts from 'typescript';

export class Requests {
  readonly #checker: ts.TypeChecker;
  /** The objects of verbs by the name of their interface. */
  readonly #objects = new Map<string, ts.ObjectLiteralExpression>();

  constructor(program: ts.Program) {
    this.#checker = program.getTypeChecker();
    for (const file of program.getSourceFiles()) {
      if (file.isDeclarationFile) continue;
      for (const statement of file.statements) {
        if (!ts.isFunctionDeclaration(statement) || statement.type === undefined) continue;
        const object = statement.body?.statements.find(ts.isReturnStatement)?.expression;
        if (object !== undefined && ts.isObjectLiteralExpression(object))
          this.#objects.set(statement.type.getText(), object);
      }
    }
  }

  /** Undefined where a verb makes no request, or none that has a comment. */
  of(verb: ts.Symbol): ts.Symbol | undefined {
    const parent = verb.declarations?.[0]?.parent;
    if (parent === undefined || !ts.isInterfaceDeclaration(parent)) return undefined;
    const object = this.#objects.get(parent.name.text);
    const member = object?.properties.find((each) => each.name?.getText() === verb.name);
    return member && this.#calledIn(member, new Set());
  }

  /** The first function that is called and says what it throws. */
  #calledIn(node: ts.Node, seen: Set<ts.Node>): ts.Symbol | undefined {
    if (seen.has(node)) return undefined;
    seen.add(node);
    if (ts.isIdentifier(node)) {
      const found = this.#resolved(node);
      if (found !== undefined && tagged(found, 'throws', this.#checker).length > 0) return found;
      const local = found?.valueDeclaration;
      if (local !== undefined && ts.isVariableDeclaration(local) && local.initializer !== undefined)
        return this.#calledIn(local.initializer, seen);
      return undefined;
    }
    return ts.forEachChild(node, (child) => this.#calledIn(child, seen));
  }

  #resolved(name: ts.Identifier): ts.Symbol | undefined {
    const symbol = ts.isShorthandPropertyAssignment(name.parent)
      ? this.#checker.getShorthandAssignmentValueSymbol(name.parent)
      : this.#checker.getSymbolAtLocation(name);
    return symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias
      ? this.#checker.getAliasedSymbol(symbol)
      : symbol;
  }
}

/** The texts of a tag in the comment of a symbol. */
export const tagged = (symbol: ts.Symbol, tag: string, checker: ts.TypeChecker): string[] =>
  symbol
    .getJsDocTags(checker)
    .filter((each) => each.name === tag)
    .map((each) => ts.displayPartsToString(each.text));
