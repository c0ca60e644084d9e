import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { createWorld, portrait, type World } from "../support/world.ts";
import { chromiumPath, openBrowser } from "./browser.ts";

const path = chromiumPath();
const inBrowser = path === null ? describe.skip : describe;
if (path === null) {
  process.stderr.write(
    "No Chromium is installed, nor named by CHROMIUM_PATH: GraphiQL is not tested.\n",
  );
}

/** As a person does it: into the editor, over what is there. */
async function write(page: Page, editor: string, text: string): Promise<void> {
  await page.locator(`${editor} .monaco-editor:visible`).first().click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText(text);
}

/** Writes an operation and runs it, once the page has read its name: it shows that on the tab. */
async function run(page: Page, name: string, operation: string): Promise<void> {
  await write(page, ".graphiql-query-editor", operation);
  await page.locator(".graphiql-tab", { hasText: name }).first().waitFor();
  await page.getByLabel("Execute query (Ctrl-Enter)").click();
}

const answer = (page: Page, text: RegExp) =>
  page.locator(".graphiql-response .view-lines", { hasText: text }).first().waitFor();

inBrowser("GraphiQL in Chromium", () => {
  let world: World;
  let browser: Browser;
  let page: Page;
  let pictureCount = 0;
  const elsewhere: string[] = [];
  const faults: string[] = [];
  const pictures = mkdtempSync(join(tmpdir(), "facet-graphiql-"));

  beforeAll(async () => {
    world = await createWorld({ nodes: 1 });
    browser = await openBrowser(path ?? "");
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(25_000);
    page.on("request", (request) => {
      const own = [world.url, `blob:${world.url}`, "data:"];
      if (!own.some((start) => request.url().startsWith(start))) elsewhere.push(request.url());
    });
    page.on("websocket", (socket) => {
      if (!socket.url().startsWith(world.url.replace("http", "ws"))) elsewhere.push(socket.url());
    });
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(message.text());
    });
  });
  afterEach(async () => {
    await page.screenshot({ path: join(pictures, `${(pictureCount += 1)}.png`) });
  });
  afterAll(async () => {
    await browser.close();
    await world.stop();
  });

  test("opens with the stored operations and knows the schema", async () => {
    await page.goto(`${world.url}/graphiql`);
    const tabs = page.locator(".graphiql-tab");
    await tabs.first().waitFor();
    expect((await tabs.allTextContents()).join()).toContain("WatchSkinAnalysis");
    await page.getByLabel("Show Documentation Explorer").click();
    await page
      .getByText("The root operation types")
      .or(page.getByText("Root Types"))
      .first()
      .waitFor();
    await page.getByLabel("Hide Documentation Explorer").click();
  });

  test("runs a query", async () => {
    await run(page, "Shelves", "query Shelves { categories { id } skinConcerns { concern } }");
    await answer(page, /"skinConcerns"/);
  });

  test("receives a subscription with the token of the headers editor", async () => {
    const person = await world.person();
    const uploadId = await world.upload(person, portrait());
    const { analyzeSkin } = await person.must(
      `mutation($input: AnalyzeSkinInput!) { analyzeSkin(input: $input) { skinAnalysis { id } } }`,
      { input: { uploadId } },
    );
    const { id } = analyzeSkin.skinAnalysis;
    await page.getByRole("button", { name: "Headers" }).click();
    await write(
      page,
      ".graphiql-editor-tool",
      JSON.stringify({ authorization: `Bearer ${person.session?.accessToken}` }),
    );
    await run(
      page,
      "MyJob",
      `subscription MyJob { jobChanged(id: "${id}") { job { id version status progress } } }`,
    );
    await answer(page, /"status":.*"SUCCEEDED"/);
    await page.screenshot({ path: join(pictures, "subscription.png") });
  });

  test("asks nobody else for anything, and nothing breaks", () => {
    expect(elsewhere).toEqual([]);
    expect(faults).toEqual([]);
  });
});
