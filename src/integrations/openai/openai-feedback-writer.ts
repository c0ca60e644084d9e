import { bounded, feedbackInput, feedbackInstructions, feedbackSchema } from "./feedback-prompt.ts";
import type { FeedbackRequest, SkinFeedback } from "./feedback.ts";
import { StructuredAnswers, type OpenAiOptions } from "./structured-answers.ts";

/** Writes feedback with a model of OpenAI. Never repeats a call: each one is paid. */
export class OpenAiFeedbackWriter {
  private readonly answers: StructuredAnswers;

  constructor(options: OpenAiOptions) {
    this.answers = new StructuredAnswers(options);
  }

  /** @throws ProviderError */
  async write(request: FeedbackRequest): Promise<SkinFeedback> {
    const feedback = await this.answers.ask({
      operation: "feedback",
      instructions: feedbackInstructions(request.language),
      input: feedbackInput(request),
      schema: feedbackSchema,
      schemaName: "skin_feedback",
      userHash: request.userHash,
      signal: request.signal,
    });
    return bounded(feedback);
  }
}
