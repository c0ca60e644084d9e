/** Where a client PUTs its bytes, and the headers that it must send exactly as given. */
export interface UploadTarget {
  url: string;
  headers: Record<string, string>;
}

/** A store of private files, addressed by keys such as `u/usr_1/upl_2.jpg`. */
export interface BlobStore {
  /** A URL for one PUT of exactly `byteSize` bytes of `contentType`, until it expires. */
  createUploadUrl(input: {
    key: string;
    contentType: string;
    byteSize: number;
    expiresInSeconds: number;
  }): Promise<UploadTarget>;
  /** A URL that anyone who holds it can GET until it expires. The file need not exist. */
  createDownloadUrl(key: string, expiresInSeconds: number): Promise<string>;
  /** Size and type, or null when there is no such file. */
  head(key: string): Promise<{ byteSize: number; contentType: string | null } | null>;
  /** The whole file. Throws BlobNotFound, or BlobTooLarge before more than `maxBytes` are held. */
  read(key: string, maxBytes: number): Promise<Uint8Array>;
  /** Stores the file whole or not at all, replacing what was there. */
  write(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** Deleting an absent file is fine. */
  delete(key: string): Promise<void>;
}

/** The store has no file of this key. */
export class BlobNotFound extends Error {
  constructor(readonly key: string) {
    super(`There is no file ${key}.`);
    this.name = "BlobNotFound";
  }
}

/** The file is larger than the reader allows. */
export class BlobTooLarge extends Error {
  constructor(
    readonly key: string,
    readonly maxBytes: number,
  ) {
    super(`The file ${key} is larger than ${maxBytes} bytes.`);
    this.name = "BlobTooLarge";
  }
}

/** The key is not one that this program makes: an empty, dotted, absolute or overlong path. */
export class InvalidBlobKey extends Error {
  constructor() {
    super(
      "A file key consists of plain segments of letters, digits, dots, dashes and underscores.",
    );
    this.name = "InvalidBlobKey";
  }
}

const KEY = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/** Returns the key when it is safe as a relative path on every platform, else throws InvalidBlobKey. */
export function checkedKey(key: string): string {
  if (key.length > 512 || !KEY.test(key)) throw new InvalidBlobKey();
  return key;
}
