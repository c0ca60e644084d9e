import type { GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import {
  BlobNotFound,
  BlobTooLarge,
  checkedKey,
  type BlobStore,
  type UploadTarget,
} from "../../platform/blobs/blob-store.ts";
import { PROVIDER_CODES, ProviderError } from "../../platform/resilience/provider-error.ts";
import { classifyStatus } from "../../platform/resilience/classify.ts";

export interface S3Options {
  /**
   * Empty for AWS. MinIO: its address with `forcePathStyle`. Aliyun OSS:
   * `https://s3.oss-<region>.aliyuncs.com`, or the bucket's own domain with `bucketEndpoint`.
   */
  endpoint?: string;
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** True for MinIO; AWS and OSS take the bucket as host name. */
  forcePathStyle?: boolean;
  /** The endpoint is the bucket's own domain. */
  bucketEndpoint?: boolean;
  /** Time limit of one request. Default 30 s. */
  timeoutMs?: number;
  /** Attempts of one call; every call is safe to repeat. Default 3. */
  maxAttempts?: number;
}

const S3 = "s3";

/** Files in S3 or in a store that speaks its protocol. The SDK is loaded at the first call. */
export class S3BlobStore implements BlobStore {
  private sdk: Promise<Sdk> | undefined;

  constructor(private readonly options: S3Options) {}

  async createUploadUrl(input: {
    key: string;
    contentType: string;
    byteSize: number;
    expiresInSeconds: number;
  }): Promise<UploadTarget> {
    const { client, s3, getSignedUrl } = await this.open();
    const { contentType, byteSize } = input;
    const command = new s3.PutObjectCommand({
      ...this.object(input.key),
      ContentType: contentType,
      ContentLength: byteSize,
    });
    // Only headers that are signed bind the client: type and exact size are.
    const signableHeaders = new Set(["content-type", "content-length"]);
    const expiresIn = input.expiresInSeconds;
    return {
      url: await getSignedUrl(client, command, { expiresIn, signableHeaders }),
      headers: { "content-type": contentType, "content-length": String(byteSize) },
    };
  }

  async createDownloadUrl(key: string, expiresInSeconds: number): Promise<string> {
    const { client, s3, getSignedUrl } = await this.open();
    const command = new s3.GetObjectCommand(this.object(key));
    return getSignedUrl(client, command, { expiresIn: expiresInSeconds });
  }

  async head(key: string): Promise<{ byteSize: number; contentType: string | null } | null> {
    const { client, s3 } = await this.open();
    return this.run(key, async (abortSignal) => {
      const answer = await client.send(new s3.HeadObjectCommand(this.object(key)), { abortSignal });
      return { byteSize: answer.ContentLength ?? 0, contentType: answer.ContentType ?? null };
    }).catch(nullWhenAbsent);
  }

  async read(key: string, maxBytes: number): Promise<Uint8Array> {
    const { client, s3 } = await this.open();
    return this.run(key, async (abortSignal) => {
      const answer = await client.send(new s3.GetObjectCommand(this.object(key)), { abortSignal });
      return collect(key, answer.Body, maxBytes);
    });
  }

  async write(key: string, bytes: Uint8Array, contentType: string): Promise<void> {
    const { client, s3 } = await this.open();
    const command = new s3.PutObjectCommand({
      ...this.object(key),
      Body: bytes,
      ContentType: contentType,
      ContentLength: bytes.byteLength,
    });
    await this.run(key, (abortSignal) => client.send(command, { abortSignal }));
  }

  async delete(key: string): Promise<void> {
    const { client, s3 } = await this.open();
    const command = new s3.DeleteObjectCommand(this.object(key));
    await this.run(key, (abortSignal) => client.send(command, { abortSignal })).catch(
      nullWhenAbsent,
    );
  }

  /** Frees the connections. */
  async close(): Promise<void> {
    const sdk = await this.sdk;
    sdk?.client.destroy();
  }

  private object(key: string): { Bucket: string; Key: string } {
    const { bucketEndpoint, endpoint, bucket } = this.options;
    // With bucketEndpoint the SDK takes the address from the place of the bucket's name.
    return { Bucket: bucketEndpoint && endpoint ? endpoint : bucket, Key: checkedKey(key) };
  }

  private async run<T>(key: string, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await send(AbortSignal.timeout(this.options.timeoutMs ?? 30_000));
    } catch (error) {
      if (error instanceof BlobTooLarge) throw error;
      throw translated(key, error);
    }
  }

  private open(): Promise<Sdk> {
    this.sdk ??= loadSdk(this.options);
    return this.sdk;
  }
}

interface Sdk {
  client: S3Client;
  s3: typeof import("@aws-sdk/client-s3");
  getSignedUrl: (typeof import("@aws-sdk/s3-request-presigner"))["getSignedUrl"];
}

async function loadSdk(options: S3Options): Promise<Sdk> {
  const s3 = await import("@aws-sdk/client-s3");
  const { getSignedUrl } = await import("@aws-sdk/s3-request-presigner");
  const { endpoint, accessKeyId, secretAccessKey } = options;
  const client = new s3.S3Client({
    region: options.region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: options.forcePathStyle ?? false,
    bucketEndpoint: options.bucketEndpoint ?? false,
    maxAttempts: options.maxAttempts ?? 3,
    // Otherwise a presigned PUT carries the checksum of an empty body, and OSS refuses the encoding.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    ...(endpoint && { endpoint }),
  });
  return { client, s3, getSignedUrl };
}

async function collect(
  key: string,
  body: GetObjectCommandOutput["Body"],
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new BlobTooLarge(key, maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function translated(key: string, error: unknown): Error {
  const { name, $metadata } = error as {
    name?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  if (name === "NoSuchKey" || (name === "NotFound" && status === 404)) return new BlobNotFound(key);
  const seen = status === undefined || status < 300 ? undefined : classifyStatus(status);
  return new ProviderError({
    provider: S3,
    outcome: seen?.outcome ?? "retryable",
    code: seen?.code ?? PROVIDER_CODES.unavailable,
    message: status === undefined ? "The file store cannot be reached." : "The file store refused.",
    status,
  });
}

function nullWhenAbsent(error: unknown): null {
  if (error instanceof BlobNotFound) return null;
  throw error;
}
