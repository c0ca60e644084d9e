import { Query, Resolver } from "type-graphql";
import { AppConfig } from "./app-config.types.ts";
import type { PlanService } from "./plan.service.ts";

@Resolver()
export class AppConfigResolver {
  constructor(private readonly plans: PlanService) {}

  @Query(() => AppConfig, { description: "Prices, packages and limits as they are now." })
  appConfig(): AppConfig {
    return this.plans.appConfig();
  }
}
