import type { UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import { problem, refuse } from "../../../platform/graphql/problems.ts";
import { knownKinds } from "../kinds/notification-kinds.ts";
import type { Preference, PreferenceRepository } from "./preference.repository.ts";

/** Knows what users want pushed. */
export class PreferenceService {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly preferences: PreferenceRepository,
  ) {}

  /** What a user wants pushed, for every kind; all of it unless the user chose otherwise. */
  async of(userId: string): Promise<Preference[]> {
    const chosen = new Map((await this.preferences.of(userId)).map((each) => [each.kind, each]));
    return knownKinds.map((kind) => chosen.get(kind) ?? { kind, push: true });
  }

  /** Changes what is named and leaves the rest. */
  async change(userId: string, choices: readonly Preference[]): Promise<void> {
    if (new Set(choices.map(({ kind }) => kind)).size < choices.length) {
      refuse(problem("INVALID_INPUT", "Name each kind once.", ["input", "preferences"]));
    }
    await this.uow.run((tx) => this.preferences.set(tx, userId, choices));
  }
}
