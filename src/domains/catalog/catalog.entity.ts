import { Column, Entity, PrimaryColumn, UpdateDateColumn } from "typeorm";
import type { SkinConcern, SkinType } from "./catalog.vocabulary.ts";

/** A shelf of the shop; shelves form a tree. */
@Entity({ name: "categories" })
export class CategoryEntity {
  @PrimaryColumn("text") id!: string;
  @Column("text", { unique: true }) slug!: string;
  @Column("text", { name: "name_en" }) nameEn!: string;
  @Column("text", { name: "name_kh", nullable: true }) nameKh!: string | null;
  @Column("text", { name: "description_en", nullable: true }) descriptionEn!: string | null;
  @Column("text", { name: "description_kh", nullable: true }) descriptionKh!: string | null;
  @Column("text", { name: "parent_id", nullable: true }) parentId!: string | null;
  /** Key of its picture in the blob store. */
  @Column("text", { nullable: true }) image!: string | null;
  @Column("boolean", { name: "is_active" }) isActive!: boolean;
  @Column("int", { name: "sort_order" }) sortOrder!: number;
  @UpdateDateColumn({ name: "updated_at", type: "timestamptz", precision: 3 }) updatedAt!: Date;
}

/** Something the shop sells, published or not. Prices are decimal texts, as the column gives them. */
@Entity({ name: "products" })
export class ProductEntity {
  @PrimaryColumn("text") id!: string;
  @Column("text", { unique: true }) slug!: string;
  @Column("text", { unique: true }) sku!: string;
  @Column("text", { nullable: true }) barcode!: string | null;
  @Column("text", { name: "name_en" }) nameEn!: string;
  @Column("text", { name: "name_kh", nullable: true }) nameKh!: string | null;
  @Column("text") brand!: string;
  @Column("text", { name: "description_en" }) descriptionEn!: string;
  @Column("text", { name: "description_kh", nullable: true }) descriptionKh!: string | null;
  @Column("text", { name: "short_description_en", nullable: true })
  shortDescriptionEn!: string | null;
  @Column("text", { name: "short_description_kh", nullable: true })
  shortDescriptionKh!: string | null;
  @Column("text", { name: "usage_instructions_en", nullable: true })
  usageInstructionsEn!: string | null;
  @Column("text", { name: "usage_instructions_kh", nullable: true })
  usageInstructionsKh!: string | null;
  @Column("numeric", { precision: 10, scale: 2 }) price!: string;
  @Column("numeric", { name: "compare_at_price", precision: 10, scale: 2, nullable: true })
  compareAtPrice!: string | null;
  /** What the shop paid; never shown to shoppers. */
  @Column("numeric", { name: "cost_price", precision: 10, scale: 2, nullable: true })
  costPrice!: string | null;
  @Column("int") stock!: number;
  @Column("boolean", { name: "track_inventory" }) trackInventory!: boolean;
  @Column("boolean", { name: "allow_backorders" }) allowBackorders!: boolean;
  @Column("int", { name: "weight_grams", nullable: true }) weightGrams!: number | null;
  @Column("jsonb", { nullable: true }) dimensions!: { volumeMl?: number } | null;
  /** The shelf it mainly stands on. */
  @Column("text", { name: "category_id", nullable: true }) categoryId!: string | null;
  @Column("text", { name: "skin_types", array: true }) skinTypes!: SkinType[];
  @Column("text", { name: "skin_concerns", array: true }) skinConcerns!: SkinConcern[];
  @Column("jsonb") ingredients!: string[];
  /** Key of its main picture in the blob store. */
  @Column("text", { nullable: true }) image!: string | null;
  @Column("text", { name: "meta_title", nullable: true }) metaTitle!: string | null;
  @Column("text", { name: "meta_description", nullable: true }) metaDescription!: string | null;
  @Column("text") status!: "draft" | "active" | "archived";
  @Column("boolean", { name: "is_featured" }) isFeatured!: boolean;
  @Column({ type: "timestamptz", name: "published_at", precision: 3, nullable: true })
  publishedAt!: Date | null;
  @UpdateDateColumn({ name: "updated_at", type: "timestamptz", precision: 3 }) updatedAt!: Date;
}

/** That a product stands on a shelf. */
@Entity({ name: "product_categories" })
export class ProductCategoryEntity {
  @PrimaryColumn("text", { name: "product_id" }) productId!: string;
  @PrimaryColumn("text", { name: "category_id" }) categoryId!: string;
}

/** A picture of a product. */
@Entity({ name: "product_images" })
export class ProductImageEntity {
  @PrimaryColumn("text") id!: string;
  @Column("text", { name: "product_id" }) productId!: string;
  /** Key in the blob store. */
  @Column("text") image!: string;
  @Column("text", { name: "alt_text_en", nullable: true }) altTextEn!: string | null;
  @Column("text", { name: "alt_text_kh", nullable: true }) altTextKh!: string | null;
  @Column("int", { name: "sort_order" }) sortOrder!: number;
  @Column("boolean", { name: "is_primary" }) isPrimary!: boolean;
}

export const catalogEntities = [
  CategoryEntity,
  ProductEntity,
  ProductCategoryEntity,
  ProductImageEntity,
];
