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
import type { BlobStore } from "../../../platform/blobs/blob-store.ts";
import {
  connectionOf,
  pageRequest,
  type Connection,
} from "../../../platform/graphql/connection.ts";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import type { Job } from "../../../platform/jobs/job.ts";
import { JobFailure } from "../../../platform/jobs/job.types.ts";
import type { JobDeletions } from "../../../platform/jobs/job-deletions.ts";
import { Viewer } from "../../identity/index.ts";
import type { HairstyleRow } from "../hairstyles/hairstyle.repository.ts";
import { Hairstyle } from "../hairstyles/hairstyle.types.ts";
import type { TryOnViewRow } from "./try-on.repository.ts";
import type { TryOnService } from "./try-on.service.ts";
import {
  CreateHairTryOnInput,
  CreateHairTryOnPayload,
  DeleteHairTryOnInput,
  DeleteHairTryOnPayload,
  HairTryOn,
  HairTryOnConnection,
  HairTryOnsArgs,
  HairTryOnView,
  SetHairTryOnFavouriteInput,
  SetHairTryOnFavouritePayload,
} from "./try-on.types.ts";
import { HAIR_TRY_ON } from "./try-on.vocabulary.ts";

const NEWEST_FIRST = "try-ons.newest";
const FAVOURITES = "try-ons.favourites";
const URL_SECONDS = 600;

/** Starting, listing, marking and deleting try-ons. */
@Resolver(() => Viewer)
export class TryOnResolver {
  constructor(
    private readonly tryOns: TryOnService,
    private readonly deletions: JobDeletions,
  ) {}

  @Authorized()
  @Mutation(() => CreateHairTryOnPayload, {
    description: "Holds a credit for each view and queues the try-on; watch it with `jobChanged`.",
  })
  createHairTryOn(
    @Arg("input", () => CreateHairTryOnInput, { description: "The picture and the hairstyle." })
    input: CreateHairTryOnInput,
    @Ctx() context: Context,
  ): Promise<CreateHairTryOnPayload> {
    const { userId } = signedIn(context);
    const { uploadId = null, inputImageUrl: imageUrl = null, idempotencyKey = null } = input;
    const { hairstyleId, views } = input;
    return payload(CreateHairTryOnPayload, async () => ({
      hairTryOn: await this.tryOns.start(
        { userId, ip: context.ip },
        { uploadId, imageUrl, hairstyleId, views, idempotencyKey },
      ),
    }));
  }

  @Authorized()
  @Mutation(() => SetHairTryOnFavouritePayload, {
    description: "Puts a try-on among the favourites, or takes it out.",
  })
  setHairTryOnFavourite(
    @Arg("input", () => SetHairTryOnFavouriteInput, { description: "Which try-on." })
    { id, isFavourite }: SetHairTryOnFavouriteInput,
    @Ctx() context: Context,
  ): Promise<SetHairTryOnFavouritePayload> {
    const { userId } = signedIn(context);
    return payload(SetHairTryOnFavouritePayload, async () => ({
      hairTryOn: await this.tryOns.setFavourite(userId, id, isFavourite),
    }));
  }

  @Authorized()
  @Mutation(() => DeleteHairTryOnPayload, {
    description: "Deletes a finished try-on with its pictures.",
  })
  deleteHairTryOn(
    @Arg("input", () => DeleteHairTryOnInput, { description: "Which try-on." })
    input: DeleteHairTryOnInput,
    @Ctx() context: Context,
  ): Promise<DeleteHairTryOnPayload> {
    return payload(DeleteHairTryOnPayload, async () => ({
      deletedId: await this.deletions.delete(signedIn(context).userId, HAIR_TRY_ON, input.id),
    }));
  }

  @Authorized()
  @Query(() => HairTryOn, {
    nullable: true,
    description: "One try-on; null when it does not exist or is not yours.",
  })
  hairTryOn(
    @Arg("id", () => ID, { description: "The try-on." }) id: string,
    @Ctx() context: Context,
  ): Promise<Job | null> {
    return this.tryOns.find(signedIn(context).userId, id);
  }

  @FieldResolver(() => HairTryOnConnection, { description: "The user's try-ons, newest first." })
  async hairTryOns(
    @Args(() => HairTryOnsArgs) args: HairTryOnsArgs,
    @Root() { id }: Viewer,
  ): Promise<Connection<Job>> {
    const onlyFavourites = args.favouritesOnly === true;
    const order = onlyFavourites ? FAVOURITES : NEWEST_FIRST;
    const page = pageRequest(args, order);
    const rows = await this.tryOns.page(id, onlyFavourites, page);
    return connectionOf(rows, page, order, (job) => [job.id]);
  }
}

/** The fields of one try-on that are not columns of its job. */
@Resolver(() => HairTryOn)
export class TryOnFieldsResolver {
  constructor(private readonly blobs: BlobStore) {}

  @FieldResolver(() => Hairstyle, { nullable: true })
  async hairstyle(@Root() { id }: Job, @Ctx() { loaders }: Context): Promise<HairstyleRow | null> {
    const tryOn = await loaders.tryOn.load(id);
    return tryOn && loaders.hairstyle.load(tryOn.hairstyleId);
  }

  @FieldResolver(() => [HairTryOnView])
  views(@Root() { id }: Job, @Ctx() { loaders }: Context): Promise<TryOnViewRow[]> {
    return loaders.tryOnViews.load(id);
  }

  @FieldResolver(() => String, { nullable: true })
  async imageUrl(@Root() { id }: Job, @Ctx() { loaders }: Context): Promise<string | null> {
    const key = (await loaders.tryOn.load(id))?.sourceKey ?? null;
    return key === null ? null : this.blobs.createDownloadUrl(key, URL_SECONDS);
  }

  @FieldResolver()
  async preview(@Root() { id }: Job, @Ctx() { loaders }: Context): Promise<boolean> {
    return (await loaders.tryOn.load(id))?.isPreview ?? false;
  }

  @FieldResolver()
  async isFavourite(@Root() { id }: Job, @Ctx() { loaders }: Context): Promise<boolean> {
    return (await loaders.tryOn.load(id))?.isFavourite ?? false;
  }

  @FieldResolver()
  async creditsHeld(@Root() { id }: Job, @Ctx() { loaders }: Context): Promise<number> {
    return (await loaders.tryOn.load(id))?.creditsHeld ?? 0;
  }

  @FieldResolver()
  async creditsSpent(@Root() { id }: Job, @Ctx() { loaders }: Context): Promise<number> {
    return (await loaders.tryOn.load(id))?.creditsSpent ?? 0;
  }

  @FieldResolver(() => HairTryOn, { nullable: true })
  async retryOf(@Root() job: Job, @Ctx() { loaders }: Context): Promise<Job | null> {
    return job.retryOf === null ? null : loaders.job.load(job.retryOf);
  }
}

@Resolver(() => HairTryOnView)
export class TryOnViewResolver {
  constructor(private readonly blobs: BlobStore) {}

  @FieldResolver(() => String, { nullable: true })
  imageUrl(@Root() { fileKey }: TryOnViewRow): Promise<string> | null {
    return fileKey === null ? null : this.blobs.createDownloadUrl(fileKey, URL_SECONDS);
  }

  @FieldResolver(() => JobFailure, { nullable: true })
  failure(@Root() view: TryOnViewRow): JobFailure | null {
    if (view.failureCode === null) return null;
    return {
      code: view.failureCode,
      message: view.failureMessage ?? "",
      canRetry: view.failureCanRetry ?? false,
    };
  }
}
