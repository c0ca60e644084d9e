import { createHash, createHmac } from "node:crypto";
import type { Stub, StubAnswer, StubRequest } from "./serve.ts";

export const STUB_S3 = {
  region: "stub-1",
  bucket: "facet",
  accessKeyId: "STUBKEY",
  secretAccessKey: "stub-secret-access-key",
};

interface StoredObject {
  bytes: Buffer;
  contentType: string;
}

/** S3, path style: PUT, GET, HEAD and DELETE of objects with Signature Version 4 checked. */
export function s3Stub(): Stub {
  const objects = new Map<string, StoredObject>();
  return {
    provider: "s3",
    handle(request) {
      const refusal = request.query["X-Amz-Signature"] ? presigned(request) : signed(request);
      if (refusal) return refusal;
      // OSS refuses the framing that newer SDKs use by default.
      if (request.headers["content-encoding"]?.includes("aws-chunked")) {
        return xml(400, "InvalidArgument");
      }
      return store(objects, request);
    },
    error: (status) => xml(status, status === 404 ? "NoSuchKey" : `Stub${status}`),
  };
}

function store(objects: Map<string, StoredObject>, request: StubRequest): StubAnswer {
  const { method, path, headers, bytes } = request;
  if (method === "PUT") {
    const contentType = headers["content-type"] ?? "binary/octet-stream";
    objects.set(path, { bytes, contentType });
    return { status: 200, headers: { etag: '"stub"' } };
  }
  if (method === "DELETE") {
    objects.delete(path);
    return { status: 204 };
  }
  const found = objects.get(path);
  if (!found) return method === "HEAD" ? { status: 404 } : xml(404, "NoSuchKey");
  return { status: 200, body: found.bytes, headers: { "content-type": found.contentType } };
}

function presigned(request: StubRequest): StubAnswer | null {
  const { query } = request;
  const stamp = query["X-Amz-Date"] ?? "";
  const expires = Number(query["X-Amz-Expires"]);
  if (Date.now() > stampMs(stamp) + expires * 1000) return xml(403, "AccessDenied");
  const names = (query["X-Amz-SignedHeaders"] ?? "").split(";");
  const expected = signature(request, {
    stamp,
    names,
    credential: query["X-Amz-Credential"] ?? "",
    payload: "UNSIGNED-PAYLOAD",
    withoutSignature: true,
  });
  return expected === query["X-Amz-Signature"] ? null : xml(403, "SignatureDoesNotMatch");
}

function signed(request: StubRequest): StubAnswer | null {
  const pattern = /Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)/;
  const [, credential, names, given] = pattern.exec(request.headers["authorization"] ?? "") ?? [];
  if (!credential || !names || !given) return xml(403, "AccessDenied");
  const payload = request.headers["x-amz-content-sha256"] ?? "";
  const digest = createHash("sha256").update(request.bytes).digest("hex");
  if (payload !== "UNSIGNED-PAYLOAD" && payload !== digest) {
    return xml(400, "XAmzContentSHA256Mismatch");
  }
  const stamp = request.headers["x-amz-date"] ?? "";
  const expected = signature(request, { stamp, names: names.split(";"), credential, payload });
  return expected === given ? null : xml(403, "SignatureDoesNotMatch");
}

function signature(
  request: StubRequest,
  input: {
    stamp: string;
    names: string[];
    credential: string;
    payload: string;
    withoutSignature?: boolean;
  },
): string {
  const { stamp, names, payload } = input;
  const [accessKey, day = "", region = "", service = ""] = input.credential.split("/");
  if (accessKey !== STUB_S3.accessKeyId) return "unknown access key";
  const [path = "", rawQuery = ""] = request.rawUrl.split("?");
  const query = rawQuery
    .split("&")
    .filter((pair) => pair && !(input.withoutSignature && pair.startsWith("X-Amz-Signature=")))
    .map((pair) => (pair.includes("=") ? pair : `${pair}=`))
    .sort()
    .join("&");
  const headers = names.map((name) => `${name}:${(request.headers[name] ?? "").trim()}\n`).join("");
  const canonical = [request.method, path, query, headers, names.join(";"), payload].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const digest = createHash("sha256").update(canonical).digest("hex");
  const text = ["AWS4-HMAC-SHA256", stamp, scope, digest].join("\n");
  const key = [day, region, service, "aws4_request"].reduce<string | Buffer>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    `AWS4${STUB_S3.secretAccessKey}`,
  );
  return createHmac("sha256", key).update(text).digest("hex");
}

const stampMs = (stamp: string): number =>
  Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));

const xml = (status: number, code: string): StubAnswer => ({
  status,
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
  headers: { "content-type": "application/xml" },
});
