import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** The folder of the project. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

const NOT_OURS = new Set(["node_modules", ".git", ".data", "dist", "coverage", "generated"]);

/** Every file of the project as a path from its root, without what is installed, built or generated. */
export function projectFiles(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? projectFiles(path) : [relative(root, path)];
  });
}

/** The text of a file of the project. */
export const textOf = (path: string): string => readFileSync(join(root, path), "utf8");

/** The syntax tree of a TypeScript file of the project. */
export const parsed = (path: string): ts.SourceFile =>
  ts.createSourceFile(path, textOf(path), ts.ScriptTarget.ESNext, true);

/** Names of the exported functions and classes that no comment or description explains. */
export function unexplained(source: ts.SourceFile): string[] {
  return source.statements.flatMap((statement) => {
    if (!isExported(statement) || explained(statement)) return [];
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
      return [statement.name?.text ?? "?"];
    }
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations
      .filter(({ initializer }) => initializer !== undefined && ts.isArrowFunction(initializer))
      .map(({ name }) => name.getText(source));
  });
}

function isExported(node: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

/** A doc comment, a description for API users, or a class whose decorator says all (its fields are described). */
function explained(node: ts.Statement): boolean {
  if (ts.getJSDocCommentsAndTags(node).length > 0) return true;
  const decorators = ts.canHaveDecorators(node) ? (ts.getDecorators(node) ?? []) : [];
  return decorators.some((decorator) =>
    /^@(Resolver|ArgsType)\b|description/.test(decorator.getText()),
  );
}

/** What a file imports by name from modules whose path matches. */
export function importedNames(source: ts.SourceFile, from: RegExp): string[] {
  return source.statements.filter(ts.isImportDeclaration).flatMap((statement) => {
    if (!from.test((statement.moduleSpecifier as ts.StringLiteral).text)) return [];
    const bindings = statement.importClause?.namedBindings;
    return bindings && ts.isNamedImports(bindings)
      ? bindings.elements.map(({ name }) => name.text)
      : [];
  });
}

/** The texts of all string and template literals of a file. */
export function literals(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) found.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
