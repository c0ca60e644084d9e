import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { connectionTypes } from "../../../platform/graphql/connection.ts";
import { PaymentType } from "../../billing/index.ts";

@ObjectType({ description: "A customer, as the staff sees one." })
export class AdminCustomer {
  @Field(() => ID, { description: "Opaque." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Mail address; null for guests." })
  email!: string | null;

  @Field(() => String, { nullable: true, description: "Phone number in E.164." })
  phone!: string | null;

  @Field(() => String, { description: "May be empty." })
  firstName!: string;

  @Field(() => String, { description: "May be empty." })
  lastName!: string;
}

@ObjectType({
  description: "Money went back to a customer who had spent what it had bought, in part or whole.",
})
export class AdminDebt {
  @Field(() => ID, { description: "Opaque." })
  id!: string;

  @Field(() => Int, { description: "Points or credits that could not be taken back." })
  debt!: number;

  @Field(() => Int, { description: "Points or credits that were taken back." })
  takenBack!: number;

  @Field(() => GraphQLDateTime, { description: "When the money went back." })
  occurredAt!: Date;

  @Field(() => PaymentType, { nullable: true, description: "The payment." })
  payment!: PaymentType | null;

  @Field(() => AdminCustomer, { nullable: true, description: "The customer; null when deleted." })
  customer!: AdminCustomer | null;
}

const connection = connectionTypes<AdminDebt>("AdminDebt", () => AdminDebt);
export const AdminDebtConnection = connection.connection;
