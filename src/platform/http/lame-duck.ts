import { Server as NetServer, type Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/**
 * Lets keep-alive clients go in good order before a server closes. A connection that the server closes by itself may
 * meet a request that is on its way; one that is announced by `Connection: close` on the last answer cannot.
 */
export class LameDuck {
  private leaving = false;
  private readonly connections = new Set<Socket>();
  private empty: () => void = () => undefined;

  constructor(private readonly app: FastifyInstance) {
    app.server.on("connection", (socket: Socket) => {
      this.connections.add(socket);
      socket.once("close", () => {
        this.forget(socket);
      });
    });
    // WebSockets are told by a close code of their own.
    app.server.on("upgrade", (request) => {
      this.forget(request.socket);
    });
    app.addHook("onSend", (_request, reply, payload, done) => {
      if (this.leaving) void reply.header("connection", "close");
      done(null, payload);
    });
  }

  /** Accepts nothing new, asks clients to leave with their next answer, and waits for that. */
  async leave(lingerMs: number): Promise<void> {
    this.leaving = true;
    // The HTTP server's own close() would cut idle connections at once.
    NetServer.prototype.close.call(this.app.server);
    if (this.connections.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, lingerMs);
      this.empty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private forget(socket: Socket): void {
    this.connections.delete(socket);
    if (this.connections.size === 0) this.empty();
  }
}
