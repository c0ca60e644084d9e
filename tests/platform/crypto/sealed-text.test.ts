import { expect, test } from "@jest/globals";
import { SealedText } from "../../../src/platform/crypto/sealed-text.ts";

const SECRET = "a secret key of more than thirty-two characters";
const sealed = new SealedText(SECRET, "test");

test("opens what it sealed, and never seals the same text alike", () => {
  const texts = ["", "plain", "ភាសាខ្មែរ 🙂", "x".repeat(100_000)];
  for (const text of texts) expect(sealed.open(sealed.seal(text))).toBe(text);
  expect(sealed.seal("plain")).not.toBe(sealed.seal("plain"));
  expect(Buffer.from(sealed.seal("plain"), "base64").toString("latin1")).not.toContain("plain");
});

test("refuses what was altered or sealed for another purpose or secret", () => {
  const text = sealed.seal("plain");
  const bytes = Buffer.from(text, "base64");
  bytes[bytes.length - 1]! ^= 1;
  expect(() => sealed.open(bytes.toString("base64"))).toThrow();
  expect(() => sealed.open("")).toThrow();
  expect(() => new SealedText(SECRET, "other").open(text)).toThrow();
  expect(() => new SealedText(`${SECRET}!`, "test").open(text)).toThrow();
});
