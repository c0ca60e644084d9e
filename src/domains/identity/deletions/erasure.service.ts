import { z } from "zod";
import type { Clock } from "../../../platform/clock/clock.ts";
import type { SealedText } from "../../../platform/crypto/sealed-text.ts";
import type { UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { RunningJob } from "../../../platform/jobs/job-kind.ts";
import type { Mailer } from "../../../platform/mail/mailer.ts";
import type { Finding, PersonalData } from "../../../platform/module.ts";
import { ProviderError } from "../../../platform/resilience/provider-error.ts";
import { deletedMail } from "../accounts/account.mails.ts";
import type { PersonRepository } from "../person.repository.ts";
import { signInSubject } from "../sessions/device-proof.ts";
import type { DeletionRepository } from "./deletion.repository.ts";
import { contactSchema, contactSeal, type Contact } from "./deletion.service.ts";

export interface ErasureServiceDeps {
  readonly uow: UnitOfWork;
  readonly persons: PersonRepository;
  readonly deletions: DeletionRepository;
  readonly mailer: Mailer;
  readonly clock: Clock;
  readonly secretKey: string;
  /** In the order in which they erase: what could still make something new comes first. */
  readonly personalData: readonly PersonalData[];
}

export const deletionInputSchema = z.object({ contact: z.string() });
export type DeletionInput = z.infer<typeof deletionInputSchema>;

/** Where the bar stands when everything is erased, in percent. */
const ERASED = 90;

/** The work of deleting an account. Every step may run again, so a run that was interrupted just begins anew. */
export class ErasureService {
  private readonly seal: SealedText;

  constructor(private readonly deps: ErasureServiceDeps) {
    this.seal = contactSeal(deps.secretKey);
  }

  /** Erases domain by domain, tells the person, and forgets how to reach them with the commit that ends the job. */
  async run(job: RunningJob<DeletionInput>): Promise<void> {
    const { uow, persons, deletions, personalData, clock, secretKey } = this.deps;
    const contact = contactSchema.parse(JSON.parse(this.seal.open(job.input.contact)));
    await job.enterStage("ERASING", 1);
    for (const [index, part] of personalData.entries()) {
      job.signal.throwIfAborted();
      await part.erase(job.userId);
      job.reportProgress(Math.round((ERASED * (index + 1)) / personalData.length));
    }
    const { email, phone } = contact;
    const names = [email?.toLowerCase() ?? null, phone].filter((name) => name !== null);
    const subjects = names.map((name) => signInSubject(secretKey, name));
    await uow.run((tx) => persons.eraseTraces(tx, { email, phone, subjects }));
    await job.enterStage("CONFIRMING", ERASED);
    await this.confirm(job.id, contact);
    await job.succeed(async (tx) => {
      await deletions.forgetInput(tx, job.id);
      await persons.markErased(tx, job.userId, clock.now());
    });
  }

  /** Deletions that will not end by themselves. */
  findings(): Promise<Finding[]> {
    return this.deps.deletions.stranded();
  }

  /** Past the outbox, which would keep the address. */
  private async confirm(jobId: string, { email, language }: Contact): Promise<void> {
    if (email === null) return;
    try {
      await this.deps.mailer.send({ id: jobId, to: email, ...deletedMail(language) });
    } catch (error) {
      // An address that takes no mail does not keep its account.
      if (error instanceof ProviderError && error.outcome === "refused_input") return;
      throw error;
    }
  }
}
