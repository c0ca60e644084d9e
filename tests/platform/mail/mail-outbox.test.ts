import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MailOutbox } from "../../../src/platform/mail/mail-outbox.ts";

let dir: string;
beforeAll(async () => {
  dir = join(await mkdtemp(join(tmpdir(), "mail-")), "outbox");
});
afterAll(() => rm(join(dir, ".."), { recursive: true }));

const LINK = `https://facet.example/verify?token=${"t".repeat(120)}`;
const MAIL = {
  id: "eml_1",
  to: "ada@example.com",
  subject: "សួស្តី, please verify\r\nBcc: everybody@example.com",
  text: `Hello Ada,\n\n${LINK}`,
  html: "<p>Hello</p>",
};

test("writes a mail that a person can read, once per id, and tells where it is", async () => {
  const told: string[] = [];
  const outbox = new MailOutbox({
    dir,
    from: { email: "hello@facet.example", name: "facet" },
    clock: { now: () => new Date("2026-03-01T10:00:00Z") },
    onSent: ({ to, text, path }) => told.push(to, text, path),
  });
  await outbox.send(MAIL);
  await outbox.send(MAIL);
  await outbox.send({ ...MAIL, id: "../../escape" });

  expect((await readdir(dir)).sort()).toEqual(["______escape.eml", "eml_1.eml"]);
  expect(told.slice(0, 3)).toEqual([MAIL.to, MAIL.text, join(dir, "eml_1.eml")]);
  const file = await readFile(join(dir, "eml_1.eml"), "utf8");
  const [head = "", body] = file.split(/\n\n(.*)/s);
  expect(head.split("\n")).toEqual([
    "From: facet <hello@facet.example>",
    "To: ada@example.com",
    "Subject: សួស្តី, please verify Bcc: everybody@example.com",
    "Date: Sun, 01 Mar 2026 10:00:00 +0000",
    "Message-ID: <eml_1@facet.local>",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
  ]);
  expect(body).toContain(LINK);
});
