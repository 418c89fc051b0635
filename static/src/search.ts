// One search on the server: asked for, followed as a stream, given up. The same question is the same search, so a
// page that is loaded again finds its own.
import { signal } from "@preact/signals";
import * as api from "./api";
import { t } from "./messages";
import { site } from "./site";
import type { Trouble } from "./types";

export type Going = { states: number; steps: number; seconds: number; rate: number; max_states: number; max_seconds: number; cells_done?: number; cells?: number };
type Refusal = [where: string, what: string, instead: string];
type News<F> = ({ id: string; state: "queued" } & Going) | ({ id: string; state: "running" } & Going) | { id: string; state: "done"; found: F } | { id: string; state: "refused"; error: Refusal } | { id: string; state: "failed"; error: string };

// A way to something: a schedule that anybody can replay. link: null if it switches more than a link can hold.
export type Way = { schedule: string; steps: number; switches: number; shortest: boolean; link: string | null };

export class Search<F> {
  // How far it is; null where none is going on.
  readonly going = signal<(Going & { queued: boolean }) | null>(null);
  readonly found = signal<F | null>(null);
  readonly trouble = signal<Trouble | null>(null);
  readonly cancelled = signal(false);
  private id = "";
  private newest = 0;
  private stream: EventSource | null = null;

  constructor(private readonly path: string) {}

  async ask(body: unknown): Promise<void> {
    this.leave();
    const mine = ++this.newest;
    this.id = "";
    this.trouble.value = null;
    this.cancelled.value = false;
    this.going.value = { states: 0, steps: 0, seconds: 0, rate: 0, max_states: 1, max_seconds: 1, queued: true };
    try {
      const news = await api.post<News<F>>(this.path, body);
      if (mine !== this.newest) return;
      this.id = news.id;
      if (this.hear(news)) this.follow(mine, body);
    } catch (error) {
      if (mine !== this.newest) return;
      this.going.value = null;
      this.trouble.value = error instanceof api.Failure ? error.trouble : { title: String(error), errors: [] };
    }
  }

  private follow(mine: number, body: unknown): void {
    const stream = (this.stream = new EventSource(site(`/api/explorations/${this.id}/events`)));
    stream.onmessage = (event: MessageEvent<string>) => {
      if (mine !== this.newest) return stream.close();
      if (!this.hear(JSON.parse(event.data) as News<F>)) stream.close();
    };
    // the browser comes back by itself, unless the server does not know the search any more
    stream.onerror = () => {
      if (mine === this.newest && stream.readyState === EventSource.CLOSED) setTimeout(() => mine === this.newest && void this.ask(body), 1000);
    };
  }

  // Whether more will come.
  private hear(news: News<F>): boolean {
    if (news.state === "queued" || news.state === "running") {
      this.going.value = { ...news, queued: news.state === "queued" };
      return true;
    }
    this.going.value = null;
    if (news.state === "done") this.found.value = news.found;
    else if (!this.cancelled.value) this.trouble.value = troubleOf(news.error);
    return false;
  }

  // Look away. A search that nobody looks at is stopped by the server after a while.
  leave(): void {
    this.newest += 1;
    this.stream?.close();
    this.stream = null;
    this.going.value = null;
  }

  cancel(): void {
    if (!this.going.value) return;
    this.cancelled.value = true;
    const mine = this.newest;
    if (!this.id) return this.leave(); // nobody looks at it: the server drops it
    void fetch(site(`/api/explorations/${this.id}`), { method: "DELETE" }).then(
      // somebody else asked first: it goes on for them, and we look away
      (answer) => { if (answer.status === 403 && mine === this.newest) this.leave(); },
      () => { if (mine === this.newest) this.leave(); },
    );
  }

  // What was found, and what is going on, concerns nobody here any more.
  drop(): void {
    this.cancel();
    this.leave();
    this.found.value = null;
    this.trouble.value = null;
    this.cancelled.value = false;
  }
}

function troubleOf(error: Refusal | string): Trouble {
  if (typeof error === "string") return { title: t("search_failed"), errors: [{ where: t("server"), what: error, instead: "" }], lang: "en" };
  const [where, what, instead] = error;
  return { title: t("search_refused"), errors: [{ where, what, instead }], lang: "en" };
}
