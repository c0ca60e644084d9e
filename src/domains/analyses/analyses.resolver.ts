import {
  Arg,
  Args,
  Authorized,
  Ctx,
  FieldResolver,
  ID,
  Mutation,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import {
  connectionOf,
  PageArgs,
  pageRequest,
  type Connection,
} from "../../platform/graphql/connection.ts";
import { signedIn, type Context } from "../../platform/graphql/context.ts";
import { payload } from "../../platform/graphql/problems.ts";
import type { Job } from "../../platform/jobs/job.ts";
import type { JobDeletions } from "../../platform/jobs/job-deletions.ts";
import { Viewer } from "../identity/index.ts";
import {
  AnalyzeSkinInput,
  AnalyzeSkinPayload,
  CompareArgs,
  DeleteSkinAnalysisInput,
  DeleteSkinAnalysisPayload,
  SkinProgressArgs,
  TimeSpanArgs,
} from "./analyses.inputs.ts";
import { SKIN_ANALYSIS, type AnalysesService } from "./analyses.service.ts";
import {
  AcneSeverityPoint,
  SkinAnalysis,
  SkinAnalysisConnection,
  SkinComparison,
  SkinProgress,
} from "./analyses.types.ts";
import type { MetricSeries, ProgressService } from "./progress.service.ts";

const NEWEST_FIRST = "analysis.newest";

/** Starting, listing, comparing and deleting analyses. */
@Resolver(() => Viewer)
export class AnalysesResolver {
  constructor(
    private readonly analyses: AnalysesService,
    private readonly progress: ProgressService,
    private readonly deletions: JobDeletions,
  ) {}

  @Authorized()
  @Mutation(() => AnalyzeSkinPayload, {
    description: "Counts the quota and queues the analysis; watch it with `jobChanged`.",
  })
  analyzeSkin(
    @Arg("input", () => AnalyzeSkinInput, { description: "The selfie." }) input: AnalyzeSkinInput,
    @Ctx() context: Context,
  ): Promise<AnalyzeSkinPayload> {
    const { userId } = signedIn(context);
    return payload(AnalyzeSkinPayload, async () => ({
      skinAnalysis: await this.analyses.start(
        { userId, ip: context.ip, language: context.language },
        {
          uploadId: input.uploadId,
          focus: input.focus,
          concerns: [...new Set(input.concerns ?? [])],
          notes: input.notes ?? null,
          idempotencyKey: input.idempotencyKey ?? null,
        },
      ),
    }));
  }

  @Authorized()
  @Mutation(() => DeleteSkinAnalysisPayload, {
    description: "Deletes a finished analysis with its pictures and everything that was found.",
  })
  deleteSkinAnalysis(
    @Arg("input", () => DeleteSkinAnalysisInput, { description: "Which analysis." })
    input: DeleteSkinAnalysisInput,
    @Ctx() context: Context,
  ): Promise<DeleteSkinAnalysisPayload> {
    return payload(DeleteSkinAnalysisPayload, async () => ({
      deletedId: await this.deletions.delete(signedIn(context).userId, SKIN_ANALYSIS, input.id),
    }));
  }

  @Authorized()
  @Query(() => SkinAnalysis, {
    nullable: true,
    description: "One analysis; null when it does not exist or is not yours.",
  })
  skinAnalysis(
    @Arg("id", () => ID, { description: "The analysis." }) id: string,
    @Ctx() context: Context,
  ): Promise<Job | null> {
    return this.analyses.find(signedIn(context).userId, id);
  }

  @FieldResolver(() => SkinAnalysisConnection, {
    description: "The user's analyses, newest first.",
  })
  async skinAnalyses(
    @Args(() => PageArgs) args: PageArgs,
    @Root() { id }: Viewer,
  ): Promise<Connection<Job>> {
    const page = pageRequest(args, NEWEST_FIRST);
    const rows = await this.analyses.page(id, page);
    return connectionOf(rows, page, NEWEST_FIRST, (job) => [job.id]);
  }

  @FieldResolver(() => SkinProgress, {
    nullable: true,
    description: "How one metric went over the user's analyses.",
  })
  skinProgress(
    @Args(() => SkinProgressArgs) args: SkinProgressArgs,
    @Root() { id }: Viewer,
  ): Promise<MetricSeries> {
    return this.progress.series(id, args.metric, args.from ?? null, args.to ?? null);
  }

  @FieldResolver(() => [AcneSeverityPoint], {
    nullable: true,
    description: "Acne over the user's analyses, oldest first.",
  })
  acneSeverity(@Args(() => TimeSpanArgs) args: TimeSpanArgs, @Root() { id }: Viewer) {
    return this.progress.acne(id, args.from ?? null, args.to ?? null);
  }

  @FieldResolver(() => SkinComparison, {
    nullable: true,
    description: "Two of the user's analyses side by side.",
  })
  skinComparison(@Args(() => CompareArgs) args: CompareArgs, @Root() { id }: Viewer) {
    return this.progress.compare(id, args.a, args.b);
  }
}
