import type { DomainModule, PersonalData } from "../platform/module.ts";

/**
 * What all domains keep about people, in the order in which it is locked, moved and erased. Jobs come first: they are locked
 * first everywhere, and what runs may make new things. The account comes last.
 */
export function personalDataOf(
  first: DomainModule,
  domains: readonly DomainModule[],
  last: DomainModule,
): PersonalData[] {
  const between = domains.filter((domain) => domain !== first && domain !== last);
  return [first, ...between, last].flatMap(({ personalData }) => personalData ?? []);
}
