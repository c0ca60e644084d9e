/** Whose door (`index.ts`) a domain may use. A domain that is not listed uses no other domain. */
const doors = {
  activity: ["identity"],
  wallet: ["identity"],
  catalog: ["identity"],
  insights: ["identity"],
  billing: ["identity", "wallet"],
  commerce: ["identity", "catalog", "insights", "billing"],
  analyses: ["identity", "billing", "catalog"],
  recommendations: ["identity", "catalog", "analyses", "insights"],
  goals: ["identity", "analyses", "billing", "wallet", "catalog"],
  chat: ["identity", "billing", "analyses", "goals"],
  routines: ["identity", "billing", "analyses", "catalog"],
  emoji: ["identity", "wallet", "billing"],
  tryon: ["identity", "wallet", "billing"],
  // Of billing and goals the types of their events only.
  notifications: ["identity", "billing", "goals"],
};

const domainRules = [
  {
    name: "domains-through-the-door",
    comment: "Another domain is known by its index.ts only.",
    from: { path: "^src/domains/([^/]+)/" },
    to: { path: "^src/domains/", pathNot: ["^src/domains/$1/", "^src/domains/[^/]+/index\\.ts$"] },
  },
  {
    name: "domain-without-doors",
    comment: "Name the doors that a new domain needs at the top of .dependency-cruiser.cjs.",
    from: {
      path: "^src/domains/([^/]+)/",
      pathNot: `^src/domains/(${[...Object.keys(doors), "admin"].join("|")})/`,
    },
    to: { path: "^src/domains/", pathNot: "^src/domains/$1/" },
  },
  ...Object.entries(doors).map(([domain, allowed]) => ({
    name: `doors-of-${domain}`,
    comment: `${domain} uses: ${allowed.join(", ")}.`,
    from: { path: `^src/domains/${domain}/` },
    to: { path: "^src/domains/", pathNot: `^src/domains/(${[domain, ...allowed].join("|")})/` },
  })),
];

const layerRules = [
  {
    name: "domains-know-platform-only",
    comment: "A domain declares what it needs in x.ports.ts; main plugs the vendor in.",
    from: { path: "^src/domains/" },
    to: { path: "^src/", pathNot: "^src/(domains|platform)/" },
  },
  {
    name: "integrations-know-platform-only",
    comment:
      "An integration satisfies a port by its shape and knows neither domains nor other vendors.",
    from: { path: "^src/integrations/([^/]+)/" },
    to: { path: "^src/", pathNot: ["^src/platform/", "^src/integrations/$1/"] },
  },
  {
    name: "platform-knows-itself-only",
    from: { path: "^src/platform/" },
    to: { path: "^(src|migrations)/", pathNot: "^src/platform/" },
  },
  {
    name: "embedded-through-the-door",
    comment: "The embedded stores are programs of their own; the rest only starts and stops them.",
    from: { path: "^src/", pathNot: "^src/platform/embedded/" },
    to: { path: "^src/platform/embedded/", pathNot: "^src/platform/embedded/index\\.ts$" },
  },
  {
    name: "client-stands-alone",
    comment: "Apps bundle src/client: nothing of the server may come along.",
    from: { path: "^src/client/" },
    to: { path: "^(src/|migrations/|node:)", pathNot: "^src/client/" },
  },
  {
    name: "migrations-know-nobody",
    comment: "A migration must still run when the code of today is gone.",
    from: { path: "^migrations/" },
    to: { path: "^src/" },
  },
  {
    name: "no-tests-in-the-program",
    from: { path: "^(src|migrations)/" },
    to: { path: "^(tests|bench)/" },
  },
];

const roleRules = [
  {
    name: "drivers-in-repositories",
    comment:
      "SQL and drivers belong to repositories, entities, migrations and the platform; others may hand a connection on, by its type.",
    from: {
      path: "^(src|migrations)/",
      pathNot: ["^src/platform/", "\\.(repository|entity)\\.ts$", "^migrations/"],
    },
    to: {
      path: "^node_modules/(pg|typeorm|mongodb|bson|ioredis|ioredis-mock|graphile-worker)/",
      dependencyTypesNot: ["type-only"],
    },
  },
  {
    name: "no-graphql-in-services",
    from: { path: "\\.(service|repository)\\.ts$" },
    to: { path: "^node_modules/(type-graphql|graphql)/" },
  },
  {
    name: "resolvers-ask-services",
    comment:
      "Only the type of a row may come from a repository: it is what a field resolver is given, and no query can be made with it.",
    from: { path: "\\.resolver\\.ts$" },
    to: { path: "\\.repository\\.ts$", dependencyTypesNot: ["type-only"] },
  },
  {
    name: "services-know-no-resolvers",
    comment: "Calls go down: resolver, service, repository.",
    from: { path: "\\.(service|repository|entity)\\.ts$" },
    to: { path: "\\.(resolver|module)\\.ts$" },
  },
  {
    name: "vendors-in-integrations",
    from: { path: "^src/", pathNot: "^src/integrations/" },
    to: { path: "^node_modules/(openai|stripe|@aws-sdk)/" },
  },
];

const soundness = [
  {
    name: "no-cycles",
    comment: "Cycles through a type-only import do not exist at run time and are let pass.",
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
  },
  {
    name: "no-missing-modules",
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: "no-development-packages",
    comment: "They are not in the production image. Apps bring Apollo Client themselves.",
    from: { path: "^src/", pathNot: ["^src/client/", "^src/main/(demo|print-schema)"] },
    to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
  },
];

module.exports = {
  forbidden: [...layerRules, ...domainRules, ...roleRules, ...soundness].map((rule) => ({
    severity: "error",
    ...rule,
  })),
  options: {
    exclude: { path: "(^|/)generated/" },
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
