import { describe, expect, test } from "@jest/globals";
import { Stripe } from "stripe";
import { dodoSignatureCheck } from "../../src/integrations/dodo/dodo-signature.ts";
import { revenueCatSignatureCheck } from "../../src/integrations/revenuecat/revenuecat-signature.ts";
import { stripeSignatureCheck } from "../../src/integrations/stripe/stripe-signature.ts";
import {
  standardWebhookHeaders,
  standardWebhookKey,
  timestampedSignature,
} from "../../src/platform/crypto/webhook-signatures.ts";

const at = (seconds: number) => new Date(seconds * 1_000);
const OK = { ok: true };
const refusal = (reason: string) => ({ ok: false, reason });

describe("Stripe", () => {
  const SIGNED_AT = 1_700_000_000;
  const body = Buffer.from('{"id":"evt_1","object":"event","type":"invoice.paid"}');
  const v1 = "8ad3ccd6627d4c5ccaca4879744c3321eb0c9d89da2714501614c0a82c36c505";
  const check = stripeSignatureCheck(["whsec_test"]);
  const judge = (header: string | undefined, now = SIGNED_AT, raw = body) =>
    check(raw, header === undefined ? {} : { "stripe-signature": header }, at(now));

  test("accepts the signature that Stripe's own code makes", () => {
    const header = new Stripe("sk_test_x").webhooks.generateTestHeaderString({
      payload: body.toString(),
      secret: "whsec_test",
      timestamp: SIGNED_AT,
    });
    expect(header).toBe(`t=${SIGNED_AT},v1=${v1}`);
    expect(judge(header)).toEqual(OK);
    expect(timestampedSignature(body, "whsec_test", at(SIGNED_AT))).toBe(header);
  });

  test("is content with one right signature among several and passes over other versions", () => {
    const wrong = "0".repeat(64);
    expect(judge(`t=${SIGNED_AT},v1=${wrong},v1=${v1},v0=${wrong}`)).toEqual(OK);
    expect(judge(`t=${SIGNED_AT}, v1=${v1}`)).toEqual(OK);
    expect(judge(`t=${SIGNED_AT},v1=${wrong}`)).toEqual(refusal("wrong signature"));
    expect(judge(`t=${SIGNED_AT},v0=${v1}`)).toEqual(refusal("wrong signature"));
  });

  test("accepts five minutes of difference either way, and no second more", () => {
    const header = `t=${SIGNED_AT},v1=${v1}`;
    expect(judge(header, SIGNED_AT + 300)).toEqual(OK);
    expect(judge(header, SIGNED_AT - 300)).toEqual(OK);
    expect(judge(header, SIGNED_AT + 301)).toEqual(refusal("signed too long ago"));
    expect(judge(header, SIGNED_AT - 301)).toEqual(refusal("signed in the future"));
  });

  test("refuses what it cannot read, and every other body or time", () => {
    const malformed = refusal("malformed signature");
    expect(judge(undefined)).toEqual(refusal("no signature"));
    expect(judge("")).toEqual(malformed);
    expect(judge(`v1=${v1}`)).toEqual(malformed);
    expect(judge(`t=${SIGNED_AT},t=${SIGNED_AT},v1=${v1}`)).toEqual(malformed);
    expect(judge(`t=${SIGNED_AT}s,v1=${v1}`)).toEqual(refusal("malformed time"));
    expect(judge(`t=,v1=${v1}`)).toEqual(refusal("malformed time"));
    expect(judge(`t=${SIGNED_AT + 1},v1=${v1}`)).toEqual(refusal("wrong signature"));
    expect(judge(`t=${SIGNED_AT},v1=`)).toEqual(refusal("wrong signature"));
    expect(judge(`t=${SIGNED_AT},v1=${v1.slice(2)}`)).toEqual(refusal("wrong signature"));
    const reserialised = Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 2));
    expect(judge(`t=${SIGNED_AT},v1=${v1}`, SIGNED_AT, reserialised)).toEqual(
      refusal("wrong signature"),
    );
  });

  test("accepts both secrets while they are rotated, and needs one", () => {
    const both = stripeSignatureCheck(["whsec_new", "whsec_test"]);
    expect(both(body, { "stripe-signature": `t=${SIGNED_AT},v1=${v1}` }, at(SIGNED_AT))).toEqual(
      OK,
    );
    for (const secrets of [[], [""], ["whsec_test "]]) {
      expect(() => stripeSignatureCheck(secrets)).toThrow("missing or contains blanks");
    }
  });
});

describe("Dodo: Standard Webhooks", () => {
  const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const SIGNED_AT = 1_614_265_330;
  const body = Buffer.from('{"test": 2432232314}');
  const headers = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": String(SIGNED_AT),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  };
  const check = dodoSignatureCheck([SECRET]);
  const judge = (changes: Partial<typeof headers> = {}, now = SIGNED_AT, raw = body) =>
    check(raw, { ...headers, ...changes }, at(now));

  test("accepts the example of the standard", () => {
    expect(judge()).toEqual(OK);
    const key = standardWebhookKey(SECRET);
    expect(standardWebhookHeaders(headers["webhook-id"], body, key, at(SIGNED_AT))).toEqual(
      headers,
    );
  });

  test("is content with one right signature among several", () => {
    const right = headers["webhook-signature"];
    const signatures = `v1a,${right.slice(3)} v1,AAAA ${right}`;
    expect(judge({ "webhook-signature": signatures })).toEqual(OK);
    for (const wrong of ["", "v1,", "v1,AAAA", right.replace("v1,", "v2,"), right.slice(3)]) {
      expect(judge({ "webhook-signature": wrong })).toEqual(refusal("wrong signature"));
    }
  });

  test("accepts five minutes of difference either way, and no second more", () => {
    expect(judge({}, SIGNED_AT + 300)).toEqual(OK);
    expect(judge({}, SIGNED_AT - 300)).toEqual(OK);
    expect(judge({}, SIGNED_AT + 301)).toEqual(refusal("signed too long ago"));
    expect(judge({}, SIGNED_AT - 301)).toEqual(refusal("signed in the future"));
  });

  test("refuses another id, time or body, and missing headers", () => {
    expect(judge({ "webhook-id": "msg_other" })).toEqual(refusal("wrong signature"));
    expect(judge({ "webhook-timestamp": `${SIGNED_AT + 1}` })).toEqual(refusal("wrong signature"));
    expect(judge({ "webhook-timestamp": `${SIGNED_AT}x` })).toEqual(refusal("malformed time"));
    const reserialised = Buffer.from(JSON.stringify(JSON.parse(body.toString())));
    expect(judge({}, SIGNED_AT, reserialised)).toEqual(refusal("wrong signature"));
    for (const name of Object.keys(headers)) {
      const rest = Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
      expect(check(body, rest, at(SIGNED_AT))).toEqual(refusal("no signature"));
    }
  });

  test("signs bytes, not text", () => {
    const bytes = Buffer.from([0x22, 0xff, 0x22]);
    const signed = standardWebhookHeaders("a", bytes, standardWebhookKey(SECRET), at(SIGNED_AT));
    expect(check(bytes, signed, at(SIGNED_AT))).toEqual(OK);
    expect(check(Buffer.from([0x22, 0xfe, 0x22]), signed, at(SIGNED_AT))).toEqual(
      refusal("wrong signature"),
    );
  });

  test("accepts both secrets while they are rotated, and needs one", () => {
    const both = dodoSignatureCheck(["whsec_bmV3", SECRET]);
    expect(both(body, headers, at(SIGNED_AT))).toEqual(OK);
    expect(() => dodoSignatureCheck([])).toThrow("missing");
    for (const secret of ["", "whsec_", "whsec_not base64"]) {
      expect(() => dodoSignatureCheck([secret])).toThrow("not base64");
    }
  });
});

describe("RevenueCat", () => {
  const SIGNED_AT = 1_700_000_000;
  const body = Buffer.from('{"api_version":"1.0","event":{"id":"e1","type":"TEST"}}');
  const signature =
    "t=1700000000,v1=22ccb0595569f729d4acca997005b69ec9bb0a69cf9f7383318855625443c74c";
  const signed = { "x-revenuecat-webhook-signature": signature };
  const authorized = { authorization: "Bearer a-long-secret" };
  const now = at(SIGNED_AT);

  test("compares the authorization when that is all there is", () => {
    const check = revenueCatSignatureCheck({ authorization: "Bearer a-long-secret" });
    expect(check(body, authorized, now)).toEqual(OK);
    const wrong = refusal("wrong authorization");
    for (const authorization of ["", "a-long-secret", "bearer a-long-secret"]) {
      expect(check(body, { authorization }, now)).toEqual(wrong);
    }
    expect(check(body, signed, now)).toEqual(wrong);
  });

  test("requires the signature as soon as there is a secret for it", () => {
    const check = revenueCatSignatureCheck({ signingSecrets: ["new", "rc_secret"] });
    expect(check(body, signed, now)).toEqual(OK);
    expect(check(body, authorized, now)).toEqual(refusal("no signature"));
    expect(check(Buffer.from(`${body.toString()} `), signed, now)).toEqual(
      refusal("wrong signature"),
    );
    expect(check(body, signed, at(SIGNED_AT + 301))).toEqual(refusal("signed too long ago"));
    expect(check(body, signed, at(SIGNED_AT - 301))).toEqual(refusal("signed in the future"));
  });

  test("requires both when both are set", () => {
    const check = revenueCatSignatureCheck({
      authorization: "Bearer a-long-secret",
      signingSecrets: ["rc_secret"],
    });
    expect(check(body, { ...signed, ...authorized }, now)).toEqual(OK);
    expect(check(body, signed, now)).toEqual(refusal("wrong authorization"));
    expect(check(body, authorized, now)).toEqual(refusal("no signature"));
  });

  test("needs something to judge by", () => {
    for (const secrets of [{}, { authorization: "" }, { signingSecrets: [""] }]) {
      expect(() => revenueCatSignatureCheck(secrets)).toThrow("missing");
    }
  });
});
