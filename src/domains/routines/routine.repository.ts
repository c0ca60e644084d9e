import type { Database } from "../../platform/db/database.ts";
import type { Tx } from "../../platform/db/unit-of-work.ts";
import type { SkinConcern, SkinType } from "../catalog/index.ts";
import type { ChoiceGap, DayHalf, RoutineStepKind } from "./routines.vocabulary.ts";

/** Why a part of a plan is not what it could be. */
export interface PlanWarning {
  /** SCREAMING_SNAKE. */
  readonly code: string;
  readonly message: string;
}

/** A row of `routine_steps`. */
export interface StepRow {
  readonly half: DayHalf;
  readonly kind: RoutineStepKind;
  readonly productId: string | null;
  /** Set when the shop had nothing. */
  readonly gap: ChoiceGap | null;
  readonly helpsWith: SkinConcern[];
  readonly instruction: string;
}

/** A row of `routine_plans` with its steps, in order; its id is the job's. */
export interface PlanRow {
  readonly id: string;
  readonly skinType: SkinType | null;
  readonly concerns: SkinConcern[];
  readonly summary: string;
  readonly tips: string[];
  readonly warnings: PlanWarning[];
  readonly steps: StepRow[];
}

const PLANS = `
  select p.id, p.skin_type as "skinType", p.concerns, p.summary, p.tips, p.warnings,
    (select json_agg(json_build_object('half', s.half, 'kind', s.kind, 'productId', s.product_id,
        'gap', s.gap, 'helpsWith', s.helps_with, 'instruction', s.instruction)
        order by s.half desc, s.position)
      from routine_steps s where s.plan_id = p.id) as steps
  from routine_plans p`;

/** Every statement on `routine_plans` and `routine_steps`. */
export class RoutineRepository {
  constructor(private readonly database: Database) {}

  /** Stores a plan with its steps. */
  async add(tx: Tx, plan: PlanRow): Promise<void> {
    const { id, skinType, concerns, summary, tips, warnings, steps } = plan;
    await tx.execute(
      `insert into routine_plans (id, skin_type, concerns, summary, tips, warnings)
       values ($1, $2, $3, $4, $5, $6)`,
      [id, skinType, concerns, summary, tips, JSON.stringify(warnings)],
    );
    await tx.execute(
      `insert into routine_steps
         (plan_id, half, position, kind, product_id, gap, helps_with, instruction)
       select $1, step ->> 'half', place, step ->> 'kind', step ->> 'productId', step ->> 'gap',
         array(select jsonb_array_elements_text(step -> 'helpsWith')), step ->> 'instruction'
       from jsonb_array_elements($2::jsonb) with ordinality as given(step, place)`,
      [id, JSON.stringify(steps)],
    );
  }

  /** Plans by the ids of their jobs, whoever owns them. */
  async byIds(ids: readonly string[]): Promise<PlanRow[]> {
    return this.database.query<PlanRow>(
      `${PLANS} where p.id = any($1)`,
      [ids],
      "routine_plans_by_ids",
    );
  }

  /** A user's plans, oldest first. */
  async ofUser(userId: string): Promise<PlanRow[]> {
    return this.database.query<PlanRow>(
      `${PLANS} join ai_jobs j on j.id = p.id where j.user_id = $1 order by p.id`,
      [userId],
    );
  }
}
