import { z } from "zod";

const serviceAccount = z.object({
  project_id: z.string().min(1),
  client_email: z.string().min(1),
  private_key: z.string().includes("PRIVATE KEY"),
  private_key_id: z.string().optional(),
  token_uri: z.url().default("https://oauth2.googleapis.com/token"),
});

/** What a service account's key file says. */
export interface ServiceAccount {
  readonly projectId: string;
  readonly clientEmail: string;
  /** PKCS #8 in PEM. */
  readonly privateKey: string;
  readonly privateKeyId?: string | undefined;
  readonly tokenUri: string;
}

/** Reads the JSON of a key file. @throws Error that names what is wrong and tells nothing of the key. */
export function parseServiceAccount(text: string): ServiceAccount {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error("The service account is not JSON.");
  }
  const parsed = serviceAccount.safeParse(json);
  if (!parsed.success) {
    const fields = parsed.error.issues.map(({ path }) => path.join("."));
    throw new Error(`The service account lacks usable fields: ${fields.join(", ")}.`);
  }
  const { project_id, client_email, private_key, private_key_id, token_uri } = parsed.data;
  return {
    projectId: project_id,
    clientEmail: client_email,
    privateKey: private_key,
    privateKeyId: private_key_id,
    tokenUri: token_uri,
  };
}
