// A line that is held open: a WebSocket, or, where sockets do not come through, another way. What is lost is called
// again, later each time and not all at once.
import { site } from "../site";

export type Ears = {
  heard(text: string): void;
  opened?(): void;
  // code: why, as doors.py says; 1006 where nobody said.
  lost(code: number): void;
};

// Another way: it is there once it has said so, and says why when it is lost.
export type Way = { readonly live: boolean; send(what: Order): boolean; close(): void };
export type Order = { type: string } & Record<string, unknown>;
export type Detour = (heard: (text: string) => void, opened: () => void, lost: (code: number) => void) => Way;

const SOONEST = 400; // milliseconds
const LATEST = 8000;
const SILENT = 40_000; // who presents is heard every fifteen seconds
const BLOCKED = 2; // sockets in a row that said nothing, before the other way is tried

export class Line {
  private socket: WebSocket | null = null;
  private other: Way | null = null;
  private timer = 0;
  private watch = 0;
  private tries = 0;
  private dumb = 0;
  private ended = false;
  private readonly again = (): void => void (document.visibilityState === "visible" && !this.live && this.soon(0));

  // way: the socket's address below the site's root.
  constructor(private readonly way: string, private readonly ears: Ears, private readonly detour: Detour) {
    addEventListener("online", this.again);
    document.addEventListener("visibilitychange", this.again);
    this.call();
  }

  get live(): boolean {
    return this.socket?.readyState === WebSocket.OPEN || (this.other?.live ?? false);
  }

  // Whether it could be sent.
  send(what: Order): boolean {
    if (this.other) return this.other.send(what);
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
    if (this.dumb >= BLOCKED) this.turn();
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

  private turn(): void {
    const lost = (code: number) => {
      if (other !== this.other) return;
      this.dumb = BLOCKED - 1; // a socket is tried before the next
      this.lose(code);
    };
    const other = (this.other = this.detour((text) => this.hear(text), () => this.ears.opened?.(), lost));
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
    const { socket, other } = this;
    this.socket = this.other = null;
    socket?.close();
    other?.close();
  }
}
