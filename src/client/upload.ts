/** What `createUpload` answers: where the bytes go, and the headers that must be sent exactly as given. */
export interface UploadTicket {
  readonly url: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

export interface UploadPictureOptions {
  readonly ticket: UploadTicket;
  /** The whole file; a Blob where the platform has them (React Native reads files as Blobs). */
  readonly bytes: Uint8Array<ArrayBuffer> | Blob;
  /** Told the sent part, 0 to 1. Without XMLHttpRequest it is only told 0 and 1. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
  readonly fetch?: typeof globalThis.fetch;
  /** How often a lost connection or a busy server is tried again. Default 3. */
  readonly retries?: number;
}

/** The store refused the bytes: a wrong size or type, or a ticket that has expired (403). */
export class UploadRefused extends Error {
  constructor(readonly status: number) {
    super(`The upload was refused with status ${status}.`);
    this.name = "UploadRefused";
  }
}

const FIRST_WAIT_MS = 400;

/**
 * PUTs a picture to the place that its ticket names. Safe to repeat: the same bytes land at the same place.
 * @throws UploadRefused, an AbortError, or the network's fault once all tries are used up.
 */
export async function uploadPicture(options: UploadPictureOptions): Promise<void> {
  const retries = options.retries ?? 3;
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await putOnce(options).catch((error: unknown) => ({ error }));
    if (typeof outcome === "number" && outcome >= 200 && outcome < 300) {
      options.onProgress?.(1);
      return;
    }
    const fault = typeof outcome === "number" ? new UploadRefused(outcome) : outcome.error;
    const mayPass = typeof outcome === "object" || outcome === 429 || outcome >= 500;
    if (options.signal?.aborted || !mayPass || attempt >= retries) throw fault;
    await pause(FIRST_WAIT_MS * 2 ** attempt * (0.5 + Math.random()));
  }
}

/** Resolves to the HTTP status. */
function putOnce(options: UploadPictureOptions): Promise<number> {
  const { XMLHttpRequest } = globalThis as { XMLHttpRequest?: new () => ProgressRequest };
  options.onProgress?.(0);
  if (options.onProgress && XMLHttpRequest && !options.fetch) {
    return putWithProgress(new XMLHttpRequest(), options);
  }
  return putWithFetch(options);
}

async function putWithFetch(options: UploadPictureOptions): Promise<number> {
  const { ticket, bytes, signal } = options;
  const send = options.fetch ?? globalThis.fetch;
  const response = await send(ticket.url, {
    method: "PUT",
    headers: Object.fromEntries(ticket.headers.map(({ name, value }) => [name, value])),
    body: bytes,
    ...(signal ? { signal } : {}),
  });
  await response.arrayBuffer();
  return response.status;
}

/** As much of XMLHttpRequest as is used: fetch cannot tell how far an upload is. */
interface ProgressRequest {
  readonly upload: { onprogress: ((event: { loaded: number; total: number }) => void) | null };
  readonly status: number;
  onload: (() => void) | null;
  onerror: (() => void) | null;
  onabort: (() => void) | null;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  send(body: unknown): void;
  abort(): void;
}

function putWithProgress(request: ProgressRequest, options: UploadPictureOptions): Promise<number> {
  const { ticket, bytes, signal, onProgress } = options;
  return new Promise((resolve, reject) => {
    const abort = () => {
      request.abort();
    };
    const settle = (act: () => void) => () => {
      signal?.removeEventListener("abort", abort);
      act();
    };
    request.upload.onprogress = ({ loaded, total }) => {
      if (total > 0) onProgress?.(loaded / total);
    };
    request.onload = settle(() => {
      resolve(request.status);
    });
    request.onerror = settle(() => {
      reject(new TypeError("The network failed."));
    });
    request.onabort = settle(() => {
      reject(Object.assign(new Error("The upload was stopped."), { name: "AbortError" }));
    });
    request.open("PUT", ticket.url);
    // Browsers set the length themselves and refuse to have it set.
    for (const { name, value } of ticket.headers) {
      if (name.toLowerCase() !== "content-length") request.setRequestHeader(name, value);
    }
    signal?.addEventListener("abort", abort);
    request.send(bytes);
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
