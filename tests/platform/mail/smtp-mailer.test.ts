import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "@jest/globals";
import { SmtpMailer } from "../../../src/platform/mail/smtp-mailer.ts";

const MAIL = {
  id: "mai_1",
  to: "dara@example.com",
  subject: "សួស្តី",
  text: "Open https://facet.example/v?t=1",
  html: "<p>Open</p>",
};
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A mail server that answers as told: by command, else agreeably. `null` hangs up. */
async function mailServer(answers: Readonly<Record<string, string | null>> = {}) {
  const mails: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    const say = (command: string, usual: string) => {
      const answer = command in answers ? answers[command] : usual;
      if (answer === null || answer === undefined) socket.destroy();
      else socket.write(`${answer}\r\n`);
    };
    let body: string[] | null = null;
    say("CONNECT", "220 ready");
    createInterface({ input: socket }).on("line", (line) => {
      if (body && line === ".") {
        mails.push(body.join("\n"));
        body = null;
        say("END", "250 accepted");
      } else if (body) body.push(line);
      else if (line === "DATA") {
        body = [];
        say("DATA", "354 go on");
      } else if (line.startsWith("EHLO")) say("EHLO", "250-here\r\n250 AUTH PLAIN");
      else say(line.split(" ")[0] ?? "", line === "QUIT" ? "221 bye" : "250 fine");
    });
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { mails, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const mailer = (address: string, credentials = "") =>
  new SmtpMailer({
    url: `smtp://${credentials}${address}`,
    from: { email: "hello@facet.example", name: "facet" },
    timeoutMs: 2_000,
  });

test("delivers text and HTML with an id that names the mail", async () => {
  const { mails, address } = await mailServer();
  await mailer(address).send(MAIL);
  expect(mails).toHaveLength(1);
  expect(mails[0]).toContain("From: facet <hello@facet.example>");
  expect(mails[0]).toContain("To: dara@example.com");
  expect(mails[0]).toContain("Message-ID: <mai_1@facet.example>");
  expect(mails[0]).toContain("text/plain");
  expect(mails[0]).toContain("text/html");
});

test.each([
  ["a server that is busy", { CONNECT: "421 later" }, "retryable"],
  ["a full mailbox for now", { RCPT: "452 full" }, "retryable"],
  ["an address that does not exist", { RCPT: "550 no such user" }, "refused_input"],
  ["a hang-up", { END: null }, "unknown"],
])("%s", async (_name, answers, outcome) => {
  const { address } = await mailServer(answers);
  await expect(mailer(address).send(MAIL)).rejects.toMatchObject({
    name: "ProviderError",
    provider: "smtp",
    outcome,
  });
});

test("a refused password is our mistake, and stays out of the error", async () => {
  const { address } = await mailServer({ AUTH: "535 wrong" });
  const failure = mailer(address, "facet:pass-word@").send(MAIL);
  await expect(failure).rejects.toMatchObject({ outcome: "misconfigured" });
  await expect(failure).rejects.not.toThrow(/pass-word/);
});

test("nobody there", async () => {
  const { address } = await mailServer();
  servers.splice(0)[0]?.close();
  await expect(mailer(address).send(MAIL)).rejects.toMatchObject({ outcome: "retryable" });
});
