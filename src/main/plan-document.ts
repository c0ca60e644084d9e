import { join } from "node:path";
import { bundledPlans, planDocumentSchema, type PlanDocument } from "../domains/billing/index.ts";
import { NacosConfig } from "../integrations/nacos/nacos-config.ts";
import type { DocumentSource } from "../platform/config/dynamic/document-source.ts";
import { DynamicConfig } from "../platform/config/dynamic/dynamic-config.ts";
import { FileSource } from "../platform/config/dynamic/file-source.ts";
import { Snapshot } from "../platform/config/dynamic/snapshot.ts";
import type { Config } from "../platform/config/env.ts";
import type { Logger } from "../platform/observe/logger.ts";

const TIMEOUT_MS = 5_000;

/** Plans, prices and packages: of a file, else of Nacos, else those that come with the program. */
export function openPlanDocument(config: Config, log: Logger): DynamicConfig<PlanDocument> {
  const file = config.DYNAMIC_CONFIG_FILE;
  const live = file === undefined && config.NACOS_MODE === "live";
  return new DynamicConfig({
    schema: planDocumentSchema({ skinAnalysesPerMonth: config.SKIN_ANALYSES_PER_MONTH }),
    defaults: bundledPlans,
    source: file === undefined ? (live ? openNacos(config) : null) : new FileSource(file),
    snapshot: live ? new Snapshot(snapshotPath(config)) : null,
    log,
  });
}

function openNacos(config: Config): DocumentSource {
  const { NACOS_USERNAME: username, NACOS_PASSWORD: password = "" } = config;
  return new NacosConfig({
    server: config.NACOS_SERVER_ADDRESS ?? "",
    namespace: config.NACOS_NAMESPACE,
    group: config.NACOS_GROUP,
    dataId: config.NACOS_DATA_ID,
    dialect: config.NACOS_DIALECT,
    credentials: username === undefined ? null : { username, password },
    timeoutMs: TIMEOUT_MS,
  });
}

/** One file per place, so that the document of another namespace is never taken for this one. */
function snapshotPath(config: Config): string {
  const place = [config.NACOS_NAMESPACE, config.NACOS_GROUP, config.NACOS_DATA_ID];
  return join(config.DATA_DIR, "dynamic-config", place.map(encodeURIComponent).join("+"));
}
