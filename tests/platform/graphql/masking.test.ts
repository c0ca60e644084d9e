import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { TestClient } from "../../support/client.ts";
import { RawSocket } from "../../support/raw-socket.ts";
import { createWorld, type World } from "../../support/world.ts";

const VIEWER = "{ viewer { id } }";

let world: World;
let ada: TestClient;

beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0 });
  ada = await world.person();
});
afterAll(() => world.stop());

describe("request ids", () => {
  const ask = async (requestId?: string, query = "{ boom }") => {
    const { headers, errors } = await ada.send(
      query,
      {},
      requestId === undefined ? {} : { "x-request-id": requestId },
    );
    return { header: headers.get("x-request-id"), error: errors?.[0]?.extensions.requestId };
  };

  test("a client's own comes back, in the header and in the errors", async () => {
    expect(await ask("abc-123")).toEqual({ header: "abc-123", error: "abc-123" });
  });

  test("there is one without it, and in place of one that is not harmless", async () => {
    for (const given of [undefined, "x".repeat(65), '"><script>']) {
      const { header, error } = await ask(given);
      expect(header).toMatch(/^[0-9a-f-]{36}$/);
      expect(error).toBe(header);
    }
  });

  test("refusals of Apollo Server have it, too", async () => {
    const response = await fetch(`${world.url}/graphql?query={__typename}`, {
      headers: { "x-request-id": "csrf-1" },
    });
    const { errors } = await response.json();
    expect(errors[0].extensions).toEqual({ code: "BAD_REQUEST", requestId: "csrf-1" });
  });
});

describe("faults tell nothing internal", () => {
  test("a database error is masked over HTTP and WebSocket", async () => {
    const broken = await createWorld({ nodes: 1, workers: 0 });
    const bob = await broken.person();
    const raw = await RawSocket.ready(broken.url, bob.session!.accessToken);
    await broken.nodes[0]!.stores.database.query("alter table ai_jobs rename to hidden_jobs");
    const query = '{ skinAnalysis(id: "ska_0") { id } }';
    const answers = [await bob.send(query), await raw.run(query)];
    answers.push(await raw.run('subscription { jobChanged(id: "ska_0") { job { id } } }'));
    for (const { errors } of answers) {
      const { message, extensions } = errors![0];
      expect(message).toBe("Something went wrong on our side.");
      expect(extensions).toEqual({
        code: "INTERNAL_SERVER_ERROR",
        requestId: expect.any(String),
      });
    }
    raw.close();
    await broken.stop();
  });

  test("a caller who cannot be identified hears nothing about the store that is away", async () => {
    const broken = await createWorld({ nodes: 1, workers: 0 });
    const bob = await broken.person();
    await broken.nodes[0]!.stores.database.query("alter table sessions rename to hidden_sessions");
    const answer = await bob.send(VIEWER);
    expect(answer.errors![0]!.message).toBe("Something went wrong on our side.");
    expect(JSON.stringify(answer)).not.toContain("sessions");
    await broken.stop();
  });
});
