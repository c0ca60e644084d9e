/* eslint-disable no-console */
import { parseArgs } from "node:util";
import { startStubs, STUB_GOOGLE, STUB_NACOS, STUB_S3, STUB_TWILIO } from "./index.ts";

// node --import tsx tests/support/stubs/main.ts --port 4100 --s3-port 4101 --orbo-polls 2
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "s3-port": { type: "string", default: "0" },
    "orbo-polls": { type: "string", default: "2" },
  },
});
const stubs = await startStubs({
  port: Number(values.port),
  s3Port: Number(values["s3-port"]),
  orboPolls: Number(values["orbo-polls"]),
});
// A parent process waits for this line.
console.log(
  JSON.stringify({
    url: stubs.url,
    s3Url: stubs.s3Url,
    environment: {
      ORBO_BASE_URL: `${stubs.url}/orbo/skin/v1/`,
      OPENAI_BASE_URL: `${stubs.url}/openai/v1`,
      GEMINI_BASE_URL: `${stubs.url}/gemini`,
      PERPLEXITY_BASE_URL: `${stubs.url}/perplexity/v1`,
      BREVO_BASE_URL: `${stubs.url}/brevo/v3`,
      TWILIO_BASE_URL: `${stubs.url}/twilio`,
      TWILIO_ACCOUNT_SID: STUB_TWILIO.accountSid,
      TWILIO_AUTH_TOKEN: STUB_TWILIO.authToken,
      TWILIO_FROM: "+15005550006",
      GOOGLE_CLIENT_ID: STUB_GOOGLE.clientId,
      GOOGLE_CLIENT_SECRET: STUB_GOOGLE.clientSecret,
      GOOGLE_AUTH_URL: `${stubs.url}/google/auth`,
      GOOGLE_TOKEN_URL: `${stubs.url}/google/token`,
      GOOGLE_JWKS_URL: `${stubs.url}/google/certs`,
      FCM_BASE_URL: `${stubs.url}/fcm`,
      FCM_SERVICE_ACCOUNT: stubs.fcm.serviceAccount,
      NACOS_SERVER_ADDRESS: stubs.url,
      NACOS_USERNAME: STUB_NACOS.username,
      NACOS_PASSWORD: STUB_NACOS.password,
      S3_ENDPOINT: stubs.s3Url,
      S3_FORCE_PATH_STYLE: "true",
      S3_REGION: STUB_S3.region,
      S3_BUCKET: STUB_S3.bucket,
      S3_ACCESS_KEY_ID: STUB_S3.accessKeyId,
      S3_SECRET_ACCESS_KEY: STUB_S3.secretAccessKey,
    },
  }),
);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void stubs.close().then(() => process.exit(0)));
}
