import { Arg, Args, Authorized, Ctx, Mutation, Query, Resolver } from "type-graphql";
import type { Connection } from "../../../platform/graphql/connection.ts";
import type { Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import {
  HairstyleConnection,
  hairstyleConnection,
  hairstylePageRequest,
  type HairstyleDraft,
  type HairstyleRow,
} from "../../tryon/index.ts";
import { actorOf } from "../audit/actor.ts";
import type { HairstyleEditing } from "./hairstyle-editing.service.ts";
import {
  AdminCreateHairstyleInput,
  AdminCreateHairstylePayload,
  AdminDeleteHairstyleInput,
  AdminDeleteHairstylePayload,
  AdminHairstylesArgs,
  AdminUpdateHairstyleInput,
  AdminUpdateHairstylePayload,
} from "./hairstyle.types.ts";

@Resolver()
export class AdminHairstyleResolver {
  constructor(private readonly editing: HairstyleEditing) {}

  @Authorized("ADMIN")
  @Query(() => HairstyleConnection, {
    description: "All hairstyles in shop order, hidden ones too.",
  })
  async adminHairstyles(
    @Args(() => AdminHairstylesArgs) args: AdminHairstylesArgs,
  ): Promise<Connection<HairstyleRow>> {
    const page = hairstylePageRequest(args);
    return hairstyleConnection(await this.editing.page(args.category ?? null, page), page);
  }

  @Authorized("ADMIN")
  @Mutation(() => AdminCreateHairstylePayload, { description: "Adds a hairstyle." })
  adminCreateHairstyle(
    @Arg("input", () => AdminCreateHairstyleInput, { description: "The hairstyle." })
    input: AdminCreateHairstyleInput,
    @Ctx() context: Context,
  ): Promise<AdminCreateHairstylePayload> {
    const { nameEn, descriptionEn, prompt, category } = input;
    const draft: HairstyleDraft = {
      nameEn,
      nameKh: input.nameKh ?? null,
      descriptionEn,
      descriptionKh: input.descriptionKh ?? null,
      prompt,
      category,
      color: input.color ?? null,
      hasFringe: input.hasFringe ?? false,
      isActive: input.isActive ?? true,
      position: input.position ?? 0,
    };
    return payload(AdminCreateHairstylePayload, async () => ({
      hairstyle: await this.editing.create(actorOf(context), draft),
    }));
  }

  @Authorized("ADMIN")
  @Mutation(() => AdminUpdateHairstylePayload, {
    description: "Changes a hairstyle. Try-ons that were begun before may show it either way.",
  })
  adminUpdateHairstyle(
    @Arg("input", () => AdminUpdateHairstyleInput, { description: "The changes." })
    input: AdminUpdateHairstyleInput,
    @Ctx() context: Context,
  ): Promise<AdminUpdateHairstylePayload> {
    return payload(AdminUpdateHairstylePayload, async () => ({
      hairstyle: await this.editing.update(actorOf(context), input.id, changeOf(input)),
    }));
  }

  @Authorized("ADMIN")
  @Mutation(() => AdminDeleteHairstylePayload, {
    description: "Deletes a hairstyle; one that somebody has tried on is hidden instead.",
  })
  adminDeleteHairstyle(
    @Arg("input", () => AdminDeleteHairstyleInput, { description: "Which hairstyle." })
    { id }: AdminDeleteHairstyleInput,
    @Ctx() context: Context,
  ): Promise<AdminDeleteHairstylePayload> {
    return payload(AdminDeleteHairstylePayload, async () => {
      const hairstyle = await this.editing.remove(actorOf(context), id);
      return { hairstyle, deletedId: hairstyle ? null : id };
    });
  }
}

/** What can be empty is removed by null; what cannot is left as it is. */
const EMPTIABLE: ReadonlySet<string> = new Set(["nameKh", "descriptionKh", "color"]);

function changeOf(input: AdminUpdateHairstyleInput): Partial<HairstyleDraft> {
  const changes = Object.entries(input).filter(
    ([name, value]) =>
      name !== "id" && value !== undefined && (value !== null || EMPTIABLE.has(name)),
  );
  return Object.fromEntries(changes);
}
