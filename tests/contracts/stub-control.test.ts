import { expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

test("the stubs run as a process of their own and are scripted over HTTP", async () => {
  const program = ["--import", "tsx", "tests/support/stubs/main.ts"];
  const child = spawn(process.execPath, program, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const { url } = JSON.parse(line) as { url: string };
    const post = (path: string, body: unknown) =>
      fetch(`${url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    expect((await post("/__stub/openai/script", [{ status: 503, times: 2 }])).status).toBe(204);
    expect((await post("/openai/v1/responses", { model: "m" })).status).toBe(503);
    expect((await post("/openai/v1/responses", { model: "m" })).status).toBe(503);
    expect((await post("/openai/v1/responses", { model: "m" })).status).toBe(401);
    const seen = (await (await fetch(`${url}/__stub/openai/requests`)).json()) as unknown[];
    expect(seen).toHaveLength(3);
    expect(seen[0]).toMatchObject({ method: "POST", path: "/v1/responses", json: { model: "m" } });
    expect((await post("/__stub/nobody/script", {})).status).toBe(404);
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    expect(await gone).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
  }
});
