// A line that is held open: a WebSocket, or, where sockets do not come through, a stream of events. What is lost is
// called again, later each time and not all at once.
import { site } from "../site";

export type Ears = {
  heard(text: string): void;
  opened?(): void;
  // code: why, as doors.py says; 1006 where nobody said.
  lost(code: number): void;
};

const SOONEST = 400; // milliseconds
const LATEST = 8000;
const SILENT = 40_000; // who presents is heard every fifteen seconds
const BLOCKED = 2; // sockets in a row that said nothing, before a stream is tried

export class Line {
  private socket: WebSocket | null = null;
  private stream: EventSource | null = null;
  private timer = 0;
  private watch = 0;
  private tries = 0;
  private dumb = 0;
  private ended = false;
  private readonly again = (): void => void (document.visibilityState === "visible" && !this.live && this.soon(0));

  // way: the socket's address below the site's root. events: the stream's, where there is one.
  constructor(private readonly way: string, private readonly ears: Ears, private readonly events?: string) {
    addEventListener("online", this.again);
    document.addEventListener("visibilitychange", this.again);
    this.call();
  }

  get live(): boolean {
    return this.socket?.readyState === WebSocket.OPEN || this.stream?.readyState === EventSource.OPEN;
  }

  get streams(): boolean {
    return this.stream !== null;
  }

  // Whether it could be sent.
  send(what: unknown): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(what));
    return true;
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
    removeEventListener("online", this.again);
    document.removeEventListener("visibilitychange", this.again);
    this.hangUp();
  }

  private call(): void {
    this.hangUp();
    if (this.events && this.dumb >= BLOCKED) this.listen(site(`/${this.events}`));
    else this.speak();
    this.listening();
  }

  private speak(): void {
    const url = new URL(site(`/${this.way}`), location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = (this.socket = new WebSocket(url));
    let spoke = false;
    socket.onopen = () => this.ears.opened?.();
    socket.onmessage = ({ data }) => {
      spoke = true;
      this.dumb = 0;
      this.hear(String(data));
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.socket) return;
      if (!spoke && code < 4000) this.dumb += 1;
      this.lose(code);
    };
  }

  private listen(url: string): void {
    const stream = (this.stream = new EventSource(url));
    stream.onopen = () => this.ears.opened?.();
    stream.onmessage = ({ data }) => this.hear(String(data));
    stream.onerror = () => {
      if (stream !== this.stream) return;
      this.dumb = BLOCKED - 1; // a socket is tried between two streams
      this.lose(1006);
    };
  }

  private hear(text: string): void {
    this.tries = 0;
    this.listening();
    this.ears.heard(text);
  }

  private listening(): void {
    clearTimeout(this.watch);
    this.watch = window.setTimeout(() => this.call(), SILENT);
  }

  private lose(code: number): void {
    this.hangUp();
    if (this.ended) return;
    this.ears.lost(code);
    if (this.ended) return;
    const wait = Math.min(LATEST, SOONEST * 2 ** this.tries);
    this.tries += 1;
    this.soon(this.dumb === BLOCKED ? 0 : wait * (0.6 + 0.8 * Math.random()));
  }

  private soon(wait: number): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.call(), wait);
  }

  private hangUp(): void {
    clearTimeout(this.watch);
    const [socket, stream] = [this.socket, this.stream];
    this.socket = this.stream = null;
    socket?.close();
    stream?.close();
  }
}
