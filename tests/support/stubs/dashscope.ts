import type { Stub, StubAnswer, StubRequest } from "./serve.ts";

export const STUB_DASHSCOPE = { apiKey: "sk-dashscope-secret" };

/** What stands where a real answer has a film: the first bytes of an MP4. */
export const STICKER_FILM = Buffer.from("\0\0\0\x18ftypisom\0\0\0\0isommp42");

/** Aliyun DashScope: face detection, creation of a task, questions about it, and its cancellation while it waits. */
export function dashScopeStub(polls: number): Stub {
  const tasks = new Map<string, number>();
  const canceled = new Set<string>();

  function create({ headers, json }: StubRequest): StubAnswer {
    if (headers["x-dashscope-async"] !== "enable") {
      return failed(403, "AccessDenied", "current user api does not support synchronous calls");
    }
    const {
      image_url: image,
      driven_id: motion,
      face_bbox: face,
      ext_bbox: around,
    } = json?.input ?? {};
    if (json?.model !== "emoji-v1" || !image || !motion || !isBox(face) || !isBox(around)) {
      return failed(400, "InvalidParameter", "a parameter is missing");
    }
    const taskId = `task-${tasks.size + 1}`;
    tasks.set(taskId, 0);
    return ok({ task_status: "PENDING", task_id: taskId });
  }

  function ask(taskId: string, origin: string): StubAnswer {
    const asked = tasks.get(taskId);
    if (asked === undefined) return ok({ task_id: taskId, task_status: "UNKNOWN" });
    if (canceled.has(taskId)) return ok({ task_id: taskId, task_status: "CANCELED" });
    tasks.set(taskId, asked + 1);
    if (asked < polls) return ok({ task_id: taskId, task_status: asked ? "RUNNING" : "PENDING" });
    const video = `${origin}/dashscope/result/${taskId}.mp4?Expires=1`;
    return {
      status: 200,
      body: {
        request_id: "r",
        output: { task_id: taskId, task_status: "SUCCEEDED", video_url: video },
        usage: { video_duration: 2, video_ratio: "standard" },
      },
    };
  }

  function cancel(taskId: string): StubAnswer {
    if ((tasks.get(taskId) ?? polls) > 1) return failed(400, "UnsupportedOperation", "not PENDING");
    canceled.add(taskId);
    return { status: 200, body: { request_id: "r" } };
  }

  return {
    provider: "dashscope",
    handle(request) {
      const { method, path, headers, json, origin } = request;
      if (method === "GET" && path.startsWith("/result/")) {
        // A signed address: the key must not go along.
        if (headers["authorization"]) return failed(400, "InvalidParameter", "unexpected key");
        return { status: 200, body: STICKER_FILM, headers: { "content-type": "video/mp4" } };
      }
      if (headers["authorization"] !== `Bearer ${STUB_DASHSCOPE.apiKey}`) {
        return failed(401, "InvalidApiKey", "Invalid API-key provided.");
      }
      if (method === "POST" && path === "/api/v1/services/aigc/image2video/face-detect") {
        return json?.input?.image_url
          ? ok({ bbox_face: [20, 20, 80, 80], ext_bbox_face: [5, 5, 95, 95] })
          : failed(400, "InvalidParameter", "image_url is missing");
      }
      if (method === "POST" && path === "/api/v1/services/aigc/image2video/video-synthesis") {
        return create(request);
      }
      const [, taskId, verb] = /^\/api\/v1\/tasks\/([^/]+)(\/cancel)?$/.exec(path) ?? [];
      if (method === "POST" && taskId !== undefined && verb) return cancel(taskId);
      if (method === "GET" && taskId !== undefined && !verb) return ask(taskId, origin);
      return failed(404, "ModelNotFound", "not found");
    },
    error: (status) => failed(status, "Stubbed", `Stubbed ${status}`),
  };
}

const ok = (output: object): StubAnswer => ({ status: 200, body: { request_id: "r", output } });
const failed = (status: number, code: string, message: string): StubAnswer => ({
  status,
  body: { request_id: "r", code, message },
});
const isBox = (box: unknown): boolean => Array.isArray(box) && box.length === 4;
