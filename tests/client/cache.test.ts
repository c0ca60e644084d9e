import { gql } from "@apollo/client";
import { expect, test } from "@jest/globals";
import { FacetCache } from "../../src/client/index.ts";

const JOB = gql`
  fragment JobState on Job {
    id
    version
    status
    progress
    failure {
      code
    }
  }
`;
const CHANGED = gql`
  subscription WatchJob($id: ID!) {
    jobChanged(id: $id) {
      job {
        ...JobState
        ... on SkinAnalysis {
          result {
            metrics {
              acne
            }
          }
        }
      }
    }
  }
  ${JOB}
`;
const STARTED = gql`
  mutation AnalyzeSkin($input: AnalyzeSkinInput!) {
    analyzeSkin(input: $input) {
      skinAnalysis {
        ...JobState
        focus
      }
    }
  }
  ${JOB}
`;
const PAGE = gql`
  query Jobs($first: Int, $after: String, $statuses: [JobStatus!]) {
    viewer {
      id
      jobs(first: $first, after: $after, statuses: $statuses) {
        nodes {
          ...JobState
        }
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
      }
    }
  }
  ${JOB}
`;

const state = (id: string, version: number, status: string, more: object = {}) => ({
  __typename: "SkinAnalysis",
  id,
  version,
  status,
  progress: version * 10,
  failure: null,
  ...more,
});
const result = {
  __typename: "SkinAnalysisResult",
  metrics: { __typename: "SkinMetrics", acne: 7 },
};

/** As Apollo Client does with the data of each kind of operation. */
const events = {
  changed: (cache: FacetCache, job: object) =>
    cache.write({
      query: CHANGED,
      dataId: "ROOT_SUBSCRIPTION",
      variables: { id: "a" },
      result: { jobChanged: { __typename: "JobChanged", job } },
    }),
  started: (cache: FacetCache, skinAnalysis: object) =>
    cache.write({
      query: STARTED,
      dataId: "ROOT_MUTATION",
      result: { analyzeSkin: { __typename: "AnalyzeSkinPayload", skinAnalysis } },
    }),
  page: (
    cache: FacetCache,
    nodes: object[],
    cursors: [string, string],
    variables: Record<string, unknown> = {},
  ) =>
    cache.writeQuery({
      query: PAGE,
      variables,
      data: {
        viewer: {
          __typename: "Viewer",
          id: "usr_1",
          jobs: {
            __typename: "JobConnection",
            nodes,
            pageInfo: {
              __typename: "PageInfo",
              hasNextPage: true,
              hasPreviousPage: variables["after"] !== undefined,
              startCursor: cursors[0],
              endCursor: cursors[1],
            },
          },
        },
      },
    }),
};
const read = (cache: FacetCache, id: string) =>
  cache.readFragment<any>({ id: `SkinAnalysis:${id}`, fragment: JOB });

test("the late answer of the mutation does not bring a finished job back to QUEUED", () => {
  const cache = new FacetCache();
  events.changed(cache, state("a", 9, "SUCCEEDED", { result }));
  events.started(cache, state("a", 1, "QUEUED", { focus: "ACNE" }));
  expect(read(cache, "a")).toMatchObject({ version: 9, status: "SUCCEEDED", progress: 90 });
  // What the cache did not know before is taken from the older answer.
  expect(cache.extract()["SkinAnalysis:a"]).toMatchObject({ focus: "ACNE", result });
});

test("watchers of the cache never see the older state", () => {
  const cache = new FacetCache();
  events.changed(cache, state("a", 5, "RUNNING", { result: null }));
  const seen: number[] = [];
  cache.watch({
    query: gql`
      query Watched {
        node(id: "a") {
          id
          version
        }
      }
    `,
    optimistic: true,
    callback: ({ result: data }) => seen.push((data as any)?.node?.version),
  });
  cache.writeQuery({
    query: gql`
      query Watched {
        node(id: "a") {
          id
          version
        }
      }
    `,
    data: { node: { __typename: "SkinAnalysis", id: "a", version: 5 } },
  });
  events.started(cache, state("a", 2, "RUNNING", { focus: "GENERAL" }));
  events.changed(cache, state("a", 6, "SUCCEEDED", { result }));
  expect(seen).toEqual([5, 6]);
});

test("a page that was on its way replaces only what it knows better", () => {
  const cache = new FacetCache();
  events.changed(cache, state("a", 4, "RUNNING", { result: null }));
  events.changed(cache, state("b", 4, "RUNNING", { result: null }));
  events.page(cache, [state("a", 3, "RUNNING"), state("b", 5, "FAILED")], ["c1", "c2"]);
  expect(read(cache, "a")).toMatchObject({ version: 4, progress: 40 });
  expect(read(cache, "b")).toMatchObject({ version: 5, status: "FAILED" });
});

test("a balance that is on its way does not replace a newer one", () => {
  const cache = new FacetCache();
  const wallet = (version: number, available: number) => ({
    __typename: "Wallet",
    id: "wlt_1",
    currency: "POINTS",
    available,
    version,
  });
  const WALLETS = gql`
    query Wallets {
      viewer {
        id
        wallets {
          id
          currency
          available
          version
        }
      }
    }
  `;
  const arrives = (version: number, available: number) =>
    cache.writeQuery({
      query: WALLETS,
      data: {
        viewer: { __typename: "Viewer", id: "usr_1", wallets: [wallet(version, available)] },
      },
    });
  const shown = () =>
    cache.readQuery<any>({ query: WALLETS }).viewer.wallets[0].available as number;
  arrives(3, 30);
  arrives(5, 10);
  arrives(4, 20);
  expect(shown()).toBe(10);
  arrives(6, 40);
  expect(shown()).toBe(40);
});

test("optimistic layers and equal versions are written as they come", () => {
  const cache = new FacetCache();
  events.changed(cache, state("a", 4, "RUNNING", { result: null }));
  cache.recordOptimisticTransaction(() => {
    events.started(cache, state("a", 4, "CANCELED", { focus: "GENERAL" }));
  }, "cancel");
  expect(cache.readFragment<any>({ id: "SkinAnalysis:a", fragment: JOB }, true)).toMatchObject({
    status: "CANCELED",
  });
  cache.removeOptimistic("cancel");
  expect(read(cache, "a")).toMatchObject({ status: "RUNNING" });
});

test("pages of nodes become one list, without repetition, one per filter", () => {
  const cache = new FacetCache();
  const ids = (variables: Record<string, unknown>) =>
    (cache.readQuery<any>({ query: PAGE, variables })?.viewer.jobs.nodes ?? []).map(
      (node: any) => node.id,
    );
  events.page(cache, [state("a", 1, "QUEUED"), state("b", 1, "QUEUED")], ["c1", "c2"], {
    first: 2,
  });
  events.page(cache, [state("c", 1, "QUEUED")], ["c3", "c3"], { first: 2, after: "c2" });
  events.page(cache, [state("c", 1, "QUEUED")], ["c3", "c3"], { first: 2, after: "c2" });
  events.page(cache, [state("z", 1, "FAILED")], ["z1", "z1"], { statuses: ["FAILED"] });
  expect(ids({ first: 2 })).toEqual(["a", "b", "c"]);
  expect(ids({ statuses: ["FAILED"] })).toEqual(["z"]);
  const { pageInfo } = cache.readQuery<any>({ query: PAGE, variables: { first: 2 } }).viewer.jobs;
  expect(pageInfo).toMatchObject({
    startCursor: "c1",
    endCursor: "c3",
    hasNextPage: true,
    hasPreviousPage: false,
  });
});
