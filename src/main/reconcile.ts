import type { DomainModule } from "../platform/module.ts";

/** Prints everything that the domains find to disagree, one line each; resolves to exit code 1 when there is anything. */
export async function reconcile(
  modules: readonly DomainModule[],
  print: (line: string) => void,
): Promise<number> {
  const comparing = modules.flatMap(({ reconcile }) => (reconcile ? [reconcile()] : []));
  const findings = (await Promise.all(comparing)).flat();
  for (const { check, subject, detail } of findings) print(`${check}: ${subject}: ${detail}`);
  print(findings.length === 0 ? "The books agree." : `Findings: ${findings.length}`);
  return findings.length === 0 ? 0 : 1;
}
