import { createClient, type Client } from "graphql-ws";
import WebSocket from "ws";

/** The answer to one operation, loosely typed: tests say what they expect. */
export interface Answer {
  status: number;
  headers: Headers;
  data: any;
  errors?: { message: string; path?: (string | number)[]; extensions: any }[];
}

/** Somebody who talks to one api node, signed in or not. */
export class TestClient {
  private sockets: Client[] = [];

  constructor(
    readonly baseUrl: string,
    readonly session: { accessToken: string; refreshToken: string; userId: string } | null = null,
  ) {}

  get userId(): string {
    if (!this.session) throw new Error("A stranger has no id.");
    return this.session.userId;
  }

  /** The same person at another node. */
  at(baseUrl: string): TestClient {
    return new TestClient(baseUrl, this.session);
  }

  /** Sends an operation over HTTP. */
  async send(
    query: string,
    variables: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.baseUrl}/graphql`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/graphql-response+json, application/json",
        ...(this.session ? { authorization: `Bearer ${this.session.accessToken}` } : {}),
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as { data?: any; errors?: Answer["errors"] };
    const answer: Answer = { status: response.status, headers: response.headers, data: body.data };
    if (body.errors) answer.errors = body.errors;
    return answer;
  }

  /** Sends an operation and fails the test on any error. */
  async must(query: string, variables: Record<string, unknown> = {}): Promise<any> {
    const answer = await this.send(query, variables);
    if (answer.errors) throw new Error(JSON.stringify(answer.errors, null, 2));
    return answer.data;
  }

  /** Subscribes over a WebSocket of its own; iterate the answers. */
  watch(query: string, variables: Record<string, unknown> = {}): AsyncIterableIterator<any> {
    return this.socket().iterate({ query, variables }) as AsyncIterableIterator<any>;
  }

  /** A WebSocket client that does not reconnect by itself unless told. */
  socket(options: Partial<Parameters<typeof createClient>[0]> = {}): Client {
    const client = createClient({
      url: `${this.baseUrl.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: this.session ? { authorization: `Bearer ${this.session.accessToken}` } : {},
      retryAttempts: 0,
      ...options,
    });
    this.sockets.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) await socket.dispose();
    this.sockets = [];
  }
}
