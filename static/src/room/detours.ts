// What there is where WebSockets do not come through: to follow a stream of events, to present one request after another.
import { site } from "../site";
import type { Detour, Order } from "./line";

export const stream = (path: string): Detour => (heard, opened, lost) => {
  const source = new EventSource(site(`/${path}`));
  source.onopen = opened;
  source.onmessage = ({ data }) => heard(String(data));
  source.onerror = () => lost(1006);
  return {
    get live() {
      return source.readyState === EventSource.OPEN;
    },
    send: () => false,
    close: () => source.close(),
  };
};

const IDLE = 1500; // milliseconds from an answer to the next request, where nothing is to be said
const BUSY = 60;
const REFUSED = 2000;
const MOST = 16; // orders in one request

// Each request takes along all that was said since the last one, and its answer is how the room is.
export const posts = (path: string): Detour => (heard, opened, lost) => {
  let key: unknown;
  let orders: Order[] = [];
  let timer = 0;
  let busy = false;
  let live = true;

  async function post(): Promise<void> {
    const said = orders.splice(0, MOST);
    busy = true;
    const body = JSON.stringify({ key, orders: said });
    const answer = await fetch(site(`/${path}`), { method: "POST", headers: { "content-type": "application/json" }, body, keepalive: !live }).catch(() => null);
    busy = false;
    const again = answer?.status === 429;
    if (again) orders = [...said, ...orders];
    else if (live && answer?.ok) heard(await answer.text());
    else if (live && answer?.status === 422) heard(JSON.stringify({ error: (await answer.json()).detail }));
    else if (live) return lost(4000 + (answer?.status ?? 0));
    if (live || orders.length > 0) soon(again ? REFUSED : orders.length > 0 ? BUSY : IDLE);
  }

  function soon(wait: number): void {
    clearTimeout(timer);
    timer = window.setTimeout(post, wait);
  }

  queueMicrotask(opened);
  return {
    get live() {
      return live;
    },
    send(what) {
      const last = orders.at(-1);
      if (what.type === "key") key = what.key;
      else if (what.type === "go" && last?.type === "go") Object.assign(last, what);
      else orders.push(what);
      if (!busy) soon(0);
      return true;
    },
    close() {
      live = false;
      if (!busy && orders.length > 0) soon(0);
      else if (!busy) clearTimeout(timer);
    },
  };
};
