/** The body is longer than the reader allows; the rest was not read. */
export class AnswerTooLarge extends Error {
  constructor(readonly maxBytes: number) {
    super(`The answer is longer than ${maxBytes} bytes.`);
    this.name = "AnswerTooLarge";
  }
}

/** Reads a whole body, holding at most `maxBytes`. @throws AnswerTooLarge */
export async function readBounded(
  body: AsyncIterable<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array> {
  if (!body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the stream and frees the socket.
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new AnswerTooLarge(maxBytes);
    chunks.push(chunk);
  }
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks, size);
}

/**
 * A fetch for SDKs: it resolves only once the whole answer of at most `maxBytes` has arrived, so
 * that a broken connection cannot look like a broken answer, and it never follows a redirect.
 */
export function wholeAnswers(maxBytes: number): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: "manual" });
    const bytes = await readBounded(response.body, maxBytes);
    const { status, statusText, headers } = response;
    const body = bytes.byteLength === 0 ? null : (bytes as Uint8Array<ArrayBuffer>);
    return new Response(body, { status, statusText, headers });
  };
}
