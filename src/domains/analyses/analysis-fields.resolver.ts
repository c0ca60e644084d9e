import type { GraphQLResolveInfo } from "graphql";
import { Ctx, FieldResolver, Info, Resolver, Root } from "type-graphql";
import type { BlobStore } from "../../platform/blobs/blob-store.ts";
import type { Context } from "../../platform/graphql/context.ts";
import type { Job } from "../../platform/jobs/job.ts";
import {
  Product,
  productColumnsFor,
  SkinConcerns,
  type ProductRow,
  type SkinConcern,
} from "../catalog/index.ts";
import type { AnalysisDocument, StoredRecommendation } from "./analysis.document.ts";
import { analysisInputSchema } from "./analysis.input.ts";
import {
  RecommendedProduct,
  SkinAnalysis,
  SkinAnalysisResult,
  SkinAnnotation,
  SkinMetrics,
} from "./analyses.types.ts";
import { AnalysisFocuses, type AnalysisFocus, type Metrics } from "./analyses.vocabulary.ts";

const URL_SECONDS = 600;
/** The stages after which the selfie is stored. */
const BEFORE_SELFIE = new Set<string | null>([null, "VALIDATING"]);

/** The fields of one analysis that are not columns of its job. */
@Resolver(() => SkinAnalysis)
export class SkinAnalysisResolver {
  constructor(private readonly blobs: BlobStore) {}

  @FieldResolver(() => AnalysisFocuses)
  focus(@Root() job: Job): AnalysisFocus {
    return analysisInputSchema.parse(job.input).focus;
  }

  @FieldResolver(() => [SkinConcerns])
  statedConcerns(@Root() job: Job): SkinConcern[] {
    return analysisInputSchema.parse(job.input).concerns;
  }

  @FieldResolver(() => String, { nullable: true })
  notes(@Root() job: Job): string | null {
    return analysisInputSchema.parse(job.input).notes;
  }

  @FieldResolver(() => String, { nullable: true })
  async imageUrl(@Root() job: Job, @Ctx() { loaders }: Context): Promise<string | null> {
    if (BEFORE_SELFIE.has(job.stage)) return null;
    const document = await loaders.analysisDocument.load(job.id);
    return document === null ? null : this.blobs.createDownloadUrl(document.selfieKey, URL_SECONDS);
  }

  @FieldResolver(() => SkinAnalysisResult, { nullable: true })
  async result(@Root() job: Job, @Ctx() { loaders }: Context): Promise<AnalysisDocument | null> {
    if (job.status !== "SUCCEEDED") return null;
    const document = await loaders.analysisDocument.load(job.id);
    return document?.reading ? document : null;
  }

  @FieldResolver(() => SkinAnalysis, { nullable: true })
  async retryOf(@Root() job: Job, @Ctx() { loaders }: Context): Promise<Job | null> {
    return job.retryOf === null ? null : loaders.job.load(job.retryOf);
  }
}

/** What was found, from the document. */
@Resolver(() => SkinAnalysisResult)
export class SkinAnalysisResultResolver {
  constructor(private readonly blobs: BlobStore) {}

  @FieldResolver(() => SkinMetrics)
  metrics(@Root() document: AnalysisDocument): Metrics | undefined {
    return document.reading?.metrics;
  }

  @FieldResolver()
  skinType(@Root() document: AnalysisDocument) {
    return document.reading?.skinType ?? null;
  }

  @FieldResolver()
  skinTone(@Root() document: AnalysisDocument) {
    return document.reading?.skinTone ?? null;
  }

  @FieldResolver()
  concerns(@Root() document: AnalysisDocument) {
    return document.reading?.concerns ?? [];
  }

  @FieldResolver()
  acne(@Root() document: AnalysisDocument) {
    return document.reading?.acneDetail ?? null;
  }

  @FieldResolver(() => [SkinAnnotation])
  annotations(@Root() document: AnalysisDocument): Promise<SkinAnnotation[]> {
    return Promise.all(
      document.annotations.map(async ({ concern, key }) => ({
        concern,
        imageUrl: await this.blobs.createDownloadUrl(key, URL_SECONDS),
      })),
    );
  }

  @FieldResolver(() => String)
  analysisVersion(@Root() document: AnalysisDocument): string {
    return document.reading?.mappingVersion ?? "unknown";
  }
}

@Resolver(() => RecommendedProduct)
export class RecommendedProductResolver {
  @FieldResolver(() => Product, { nullable: true })
  product(
    @Root() recommendation: StoredRecommendation,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ProductRow | null> {
    const columns = productColumnsFor(info, context);
    return context.loaders.product.load(recommendation.productId, columns);
  }
}
