import { goalInput, goalInstructions, goalsSchema } from "./goal-prompt.ts";
import type { GoalRequest, ProposedGoal } from "./goals.ts";
import { StructuredAnswers, type OpenAiOptions } from "./structured-answers.ts";

/** Proposes goals with a model of OpenAI. Never repeats a call: each one is paid. */
export class OpenAiGoalWriter {
  private readonly answers: StructuredAnswers;

  constructor(options: OpenAiOptions) {
    this.answers = new StructuredAnswers(options);
  }

  /** At most `count` goals, as the model wrote them: whoever stores them checks their sizes. @throws ProviderError */
  async propose(request: GoalRequest): Promise<ProposedGoal[]> {
    const { goals } = await this.answers.ask({
      operation: "goals",
      instructions: goalInstructions(request.language, request.count),
      input: goalInput(request),
      schema: goalsSchema,
      schemaName: "skin_goals",
      userHash: request.userHash,
      signal: request.signal,
    });
    return goals.slice(0, request.count);
  }
}
