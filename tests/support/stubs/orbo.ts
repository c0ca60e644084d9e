import { createHash } from "node:crypto";
import type { Stub, StubAnswer, StubRequest } from "./serve.ts";

const CONCERNS = [
  "dark_circle",
  "skin_dullness",
  "dark_spots",
  "acne",
  "uneven_skin",
  "face_wrinkles",
  "eye_wrinkles",
  "crows_feet",
  "shine",
  "redness",
  "pigmentation",
  "firmness",
  "smoothness",
  "hydration",
  "skin_health",
  "texture",
];
const UPLOAD_VALID_MS = 15 * 60_000;

interface Session {
  issuedAtMs: number;
  image: Buffer | null;
  pendingPolls: number;
}

/** A 1 × 1 pixel PNG: what an annotation looks like is of no interest here. */
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/**
 * ORBO: `GET skin/v1/image`, `PUT` to the signed URL, `GET skin/v1/analysis`. A session is not
 * ready for `polls` polls, told once by a status other than 200 and once by `success: false`.
 * Scores follow from the SHA-256 of the picture.
 */
export function orboStub(polls: number): Stub {
  const sessions = new Map<string, Session>();
  const issue = (request: StubRequest): StubAnswer => {
    const id = createHash("sha256").update(`session ${sessions.size}`).digest("hex").slice(0, 24);
    sessions.set(id, { issuedAtMs: Date.now(), image: null, pendingPolls: polls });
    const uploadSignedUrl = `${request.origin}/orbo/bucket/${id}.jpg?X-Amz-Signature=stub${id}`;
    return ok("Request accepted", { uploadSignedUrl, session_id: id });
  };
  return {
    provider: "orbo",
    handle(request) {
      const { method, path } = request;
      if (path.startsWith("/bucket/")) return storage(sessions, request);
      if (!request.headers["x-client-id"] || !request.headers["x-api-key"]) return error(401);
      if (method === "GET" && path === "/skin/v1/image") return issue(request);
      if (method === "GET" && path === "/skin/v1/analysis") return analyse(sessions, request);
      return error(404);
    },
    error,
  };
}

function storage(sessions: Map<string, Session>, request: StubRequest): StubAnswer {
  const [, id = ""] = /^\/bucket\/([0-9a-f]+)/.exec(request.path) ?? [];
  const session = sessions.get(id);
  if (!session || request.query["X-Amz-Signature"] !== `stub${id}`) return denied();
  if (request.method === "GET") {
    return { status: 200, body: PICTURE, headers: { "content-type": "image/png" } };
  }
  const expired = Date.now() - session.issuedAtMs > UPLOAD_VALID_MS;
  // Our credentials have no business at the storage of somebody else.
  const leaked = request.headers["x-api-key"] !== undefined;
  if (expired || leaked || request.headers["content-type"] !== "image/jpeg") return denied();
  session.image = request.bytes;
  return { status: 200, headers: { etag: '"stub"' } };
}

function analyse(sessions: Map<string, Session>, request: StubRequest): StubAnswer {
  const id = request.headers["x-session-id"] ?? "";
  const session = sessions.get(id);
  if (!session) return { status: 404, body: { success: false, message: "Session not found" } };
  if (!session.image) return { status: 404, body: { success: false, message: "Image not found" } };
  if (session.pendingPolls > 0) {
    session.pendingPolls -= 1;
    const body = { success: false, message: "Analysis in progress" };
    return { status: session.pendingPolls % 2 === 1 ? 200 : 404, body };
  }
  const digest = createHash("sha256").update(session.image).digest();
  const link = (name: string) =>
    `${request.origin}/orbo/bucket/${id}/${name}?X-Amz-Signature=stub${id}`;
  return ok("Skin analysis completed successfully", {
    output_score: CONCERNS.map((concern, index) => {
      const score = 30 + ((digest[index] ?? 0) % 71);
      return { concern, score, riskLevel: score >= 80 ? 1 : score >= 60 ? 2 : 3 };
    }),
    input_image: link("input.jpg"),
    annotations: { acne: link("acne.jpg"), redness: link("redness.jpg") },
  });
}

const ok = (message: string, data: object): StubAnswer => ({
  status: 200,
  body: { success: true, statusCode: 200, message, data },
});

function error(status: number): StubAnswer {
  if (status === 400) {
    const detail = { message: "Face not detected", description: "No face was found." };
    return { status, body: { error: detail } };
  }
  return { status, body: { message: `Stubbed status ${status}` } };
}

const denied = (): StubAnswer => ({
  status: 403,
  body: "<Error><Code>AccessDenied</Code></Error>",
  headers: { "content-type": "application/xml" },
});
