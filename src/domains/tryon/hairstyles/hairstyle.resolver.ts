import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import type { Connection } from "../../../platform/graphql/connection.ts";
import type { Context, Language } from "../../../platform/graphql/context.ts";
import { isId } from "../../../platform/ids/ids.ts";
import { hairstyleConnection, hairstylePageRequest } from "./hairstyle.paging.ts";
import type { HairstyleRow } from "./hairstyle.repository.ts";
import type { HairstyleService } from "./hairstyle.service.ts";
import {
  Hairstyle,
  HairstyleConnection,
  HairstylesArgs,
  inLanguage,
  languageArgument,
} from "./hairstyle.types.ts";

@Resolver(() => Hairstyle)
export class HairstyleResolver {
  constructor(
    private readonly styles: HairstyleService,
    private readonly urlOf: (key: string) => string,
  ) {}

  @Query(() => HairstyleConnection, { description: "Hairstyles on offer, in shop order." })
  async hairstyles(
    @Args(() => HairstylesArgs) args: HairstylesArgs,
  ): Promise<Connection<HairstyleRow>> {
    const page = hairstylePageRequest(args);
    const filter = { category: args.category ?? null, withHidden: false };
    return hairstyleConnection(await this.styles.page(filter, page), page);
  }

  @Query(() => Hairstyle, {
    nullable: true,
    description: "One hairstyle on offer; null when there is none. The staff sees hidden ones too.",
  })
  hairstyle(
    @Arg("id", () => ID, { description: "The hairstyle." }) id: string,
    @Ctx() context: Context,
  ): Promise<HairstyleRow | null> {
    return visibleHairstyle(context, id);
  }

  @FieldResolver(() => String, { description: "Its name." })
  name(
    @Root() style: HairstyleRow,
    @Arg("language", inLanguage, languageArgument) language: Language | null,
    @Ctx() context: Context,
  ): string {
    return localized(style.nameEn, style.nameKh, language ?? context.language);
  }

  @FieldResolver(() => String, { description: "What is special about it." })
  description(
    @Root() style: HairstyleRow,
    @Arg("language", inLanguage, languageArgument) language: Language | null,
    @Ctx() context: Context,
  ): string {
    return localized(style.descriptionEn, style.descriptionKh, language ?? context.language);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "Where to load a drawing of it; may be cached for ever.",
  })
  thumbnailUrl(@Root() { thumbnailKey }: HairstyleRow): string | null {
    return thumbnailKey === null ? null : this.urlOf(thumbnailKey);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "What the picture maker is told; null for everybody but admins.",
  })
  prompt(@Root() { prompt }: HairstyleRow, @Ctx() { signedIn }: Context): string | null {
    return signedIn?.role === "ADMIN" ? prompt : null;
  }
}

/** A style that this caller may see: one on offer, or any for an admin. */
export async function visibleHairstyle(
  { loaders, signedIn }: Context,
  id: string,
): Promise<HairstyleRow | null> {
  const style = isId(id, "hst") ? await loaders.hairstyle.load(id) : null;
  return style?.isActive || signedIn?.role === "ADMIN" ? style : null;
}

const localized = (english: string, khmer: string | null, language: Language): string =>
  language === "KH" && khmer !== null ? khmer : english;
