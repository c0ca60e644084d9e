import { once } from "node:events";
import { SourceMap } from "node:module";
import { basename } from "node:path";
import WebSocket from "ws";
import { printTable, round } from "../support/figures.ts";
import { bodiesOf, facetOf } from "./contenders.ts";
import { load } from "./load.ts";
import { OPERATIONS } from "./operations.ts";
import type { Shop } from "./shop.ts";

const SECONDS = Number(process.env["SECONDS"] ?? 8);
const CONNECTIONS = 64;
const LONGEST = 40;
const INTERVAL_MICROSECONDS = 500;

interface Node {
  readonly id: number;
  readonly callFrame: {
    functionName: string;
    url: string;
    /** Both count from 0. */
    lineNumber: number;
    columnNumber: number;
  };
  readonly children?: readonly number[];
}
interface Profile {
  readonly nodes: readonly Node[];
  readonly samples: readonly number[];
}

/** Shows where facet's process spends its time under each operation: functions by their own and by their whole time. */
export async function profile(shop: Shop): Promise<void> {
  const facet = facetOf(shop);
  const inspector = await Inspector.open(shop.inspector ?? 0);
  const maps = await inspector.sourceMaps();
  await inspector.call("Profiler.enable");
  await inspector.call("Profiler.setSamplingInterval", { interval: INTERVAL_MICROSECONDS });
  for (const operation of OPERATIONS.filter(({ name }) =>
    name.includes(process.env["ONLY"] ?? "spread"),
  )) {
    const bodies = bodiesOf(operation, facet);
    const order = { url: facet.url, bodies, connections: CONNECTIONS };
    await load({ ...order, seconds: 3 });
    await inspector.call("Profiler.start");
    const loaded = await load({ ...order, seconds: SECONDS });
    const { profile } = (await inspector.call("Profiler.stop")) as { profile: Profile };
    print(
      `${operation.name}, ${Math.round(loaded.perSecond)} requests/s under the profiler`,
      profile,
      maps,
    );
  }
  inspector.close();
}

function print(
  title: string,
  { nodes, samples }: Profile,
  maps: ReadonlyMap<string, SourceMap>,
): void {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parentOf = new Map(
    nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)),
  );
  const nameOf = ({ callFrame: { functionName, url, lineNumber, columnNumber } }: Node) => {
    const entry = maps.get(url)?.findEntry(lineNumber, columnNumber);
    const line = entry && "originalLine" in entry ? entry.originalLine : lineNumber;
    return `${functionName || "(anonymous)"} ${placeOf(url)}${url ? `:${line + 1}` : ""}`;
  };
  const own = new Map<string, number>();
  const whole = new Map<string, number>();
  const files = new Map<string, number>();
  const add = (map: Map<string, number>, name: string) => map.set(name, (map.get(name) ?? 0) + 1);
  let busy = 0;
  for (const sample of samples) {
    const node = byId.get(sample);
    if (!node || node.callFrame.functionName === "(idle)") continue;
    busy += 1;
    add(own, nameOf(node));
    add(files, packageOf(node.callFrame.url) || node.callFrame.functionName);
    const stack = new Set<string>();
    for (let at: number | undefined = sample; at !== undefined; at = parentOf.get(at)) {
      const caller = byId.get(at);
      if (caller) stack.add(nameOf(caller));
    }
    for (const name of stack) add(whole, name);
  }
  const top = (map: ReadonlyMap<string, number>) =>
    [...map]
      .sort(([, a], [, b]) => b - a)
      .slice(0, LONGEST)
      .map(([name, count]) => [`${round((100 * count) / busy)} %`, name]);
  printTable(`${title}: own time`, top(own));
  printTable(`${title}: with what they call`, top(whole));
  printTable(`${title}: own time by file or package`, top(files));
}

/** A path from the project or package on. */
const placeOf = (url: string): string =>
  url.replace(/^.*\/node_modules\//, "").replace(/^.*\/(src|bench)\//, "$1/") || "native";

const packageOf = (url: string): string => {
  const place = placeOf(url);
  if (url === "") return "";
  if (!url.includes("/node_modules/")) return url.startsWith("node:") ? "node" : place;
  const [scope = "", name = basename(place)] = place.split("/");
  return scope.startsWith("@") ? `${scope}/${name}` : scope;
};

/** The inspector of a process. */
class Inspector {
  private readonly waiting = new Map<number, (result: unknown) => void>();
  private readonly maps = new Map<string, SourceMap>();
  private lastId = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.on("message", (data: Buffer) => this.receive(JSON.parse(data.toString())));
  }

  static async open(port: number): Promise<Inspector> {
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
      webSocketDebuggerUrl: string;
    }[];
    const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? "", { maxPayload: 2 ** 30 });
    await once(socket, "open");
    return new Inspector(socket);
  }

  call(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.lastId;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  /** The maps of all scripts that have one, by address. */
  async sourceMaps(): Promise<ReadonlyMap<string, SourceMap>> {
    await this.call("Debugger.enable");
    await this.call("Debugger.disable");
    return this.maps;
  }

  close(): void {
    this.socket.close();
  }

  private receive({ id, result, method, params }: any): void {
    this.waiting.get(id)?.(result);
    this.waiting.delete(id);
    const [, encoded] = String(params?.sourceMapURL ?? "").split("base64,");
    if (method !== "Debugger.scriptParsed" || encoded === undefined) return;
    const map = JSON.parse(Buffer.from(encoded, "base64").toString());
    this.maps.set(params.url, new SourceMap(map));
  }
}
