import { connect, createServer, type Server, type Socket } from "node:net";

/** A TCP proxy in front of a store: closed, it refuses and cuts connections as if the store were gone. */
export class Gate {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private open = true;
  private isLosing = false;
  port = 0;

  constructor(private readonly target: { host: string; port: number }) {
    this.server = createServer((socket) => {
      this.join(socket);
    });
  }

  static async before(url: string): Promise<Gate> {
    const { hostname, port } = new URL(url);
    const gate = new Gate({ host: hostname, port: Number(port) });
    await new Promise<void>((resolve) => gate.server.listen(0, "127.0.0.1", resolve));
    gate.port = (gate.server.address() as { port: number }).port;
    return gate;
  }

  /** The URL of the store, through the gate. */
  urlOf(url: string): string {
    const through = new URL(url);
    through.host = `127.0.0.1:${this.port}`;
    return through.toString();
  }

  shut(): void {
    this.open = false;
    for (const socket of this.sockets) socket.destroy();
  }

  reopen(): void {
    this.open = true;
  }

  /** Cuts the next connection on which the store answers, and lets nobody see that answer. */
  loseNextAnswer(): void {
    this.isLosing = true;
  }

  /** Resolves when nothing listens any more. */
  async close(): Promise<void> {
    this.shut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(socket: Socket): void {
    if (!this.open) return void socket.destroy();
    const onward = connect(this.target);
    onward.on("data", () => {
      if (this.isLosing) socket.destroy();
      this.isLosing = false;
    });
    for (const [near, far] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.sockets.add(near);
      near.setNoDelay(true);
      near.on("error", () => undefined);
      near.on("close", () => {
        this.sockets.delete(near);
        far.destroy();
      });
      near.pipe(far);
    }
  }
}
