// <fault-walk src="https://HOST/#z1..." step="14"> or <fault-walk scenario="two-threads-one-page">, for any page.
// What it understands stays as it is for ever: docs/embed.md. It needs no other file of this site but the frame.
const NAME = "fault-walk";
const HEIGHT = 480;
const PATIENCE = 20_000; // milliseconds until a frame that says nothing is taken for blocked

const script = (document.currentScript ?? document.querySelector('script[src$="/embed.js"]')) as HTMLScriptElement | null;
const home = script ? script.src.replace(/\/embed\.js([?#].*)?$/, "") : "";

type Message = { source?: unknown; v?: unknown; type?: unknown; step?: number; playing?: boolean; steps?: number; title?: string; kernel?: string };

type Order = { type: string; step?: number; by?: number; id?: string };

class FaultWalk extends HTMLElement {
  static observedAttributes = ["src", "scenario", "kernel", "step", "loop", "variant", "theme", "height", "label"];

  #frame: HTMLIFrameElement | null = null;
  #ready = false;
  #at = 0;
  #steps = 0;
  #plays = false;
  #kernel = "";
  #waiting: Order[] = [];
  #timer = 0;

  connectedCallback(): void {
    addEventListener("message", this.#heard);
    document.addEventListener("securitypolicyviolation", this.#refused);
    this.#build();
  }

  disconnectedCallback(): void {
    removeEventListener("message", this.#heard);
    document.removeEventListener("securitypolicyviolation", this.#refused);
    this.#clear();
  }

  attributeChangedCallback(name: string, was: string | null, now: string | null): void {
    if (!this.isConnected || was === now) return;
    if (name === "height") return this.#size();
    if (name === "label") return void (this.#frame && (this.#frame.title = this.#title));
    const plain = name === "step" && now !== null && /^\d+$/.test(now) && !/\./.test(was ?? "");
    if (plain && this.#frame) return this.goTo(Number(now));
    if (name === "kernel" && now && this.#ready) return this.#send({ type: "kernel", id: now });
    this.#build();
  }

  get step(): number { return this.#at; }
  set step(n: number) { this.goTo(n); }
  get steps(): number { return this.#steps; }
  get playing(): boolean { return this.#plays; }
  get kernel(): string { return this.#kernel; }
  set kernel(id: string) { this.setAttribute("kernel", id); }

  goTo(step: number): void { this.#send({ type: "goto", step: Math.trunc(Number(step)) || 0 }); }
  move(by: number): void { this.#send({ type: "step", by: Math.trunc(Number(by)) || 0 }); }
  play(): void { this.#send({ type: "play" }); }
  pause(): void { this.#send({ type: "pause" }); }

  get #title(): string { return this.getAttribute("label") ?? this.querySelector("a")?.textContent?.trim() ?? "Faultwalk"; }

  // Where the run is by itself: what the link leads to when there can be no frame.
  get #address(): string {
    const src = this.getAttribute("src");
    const kernel = this.getAttribute("kernel");
    if (src) return new URL(src, document.baseURI).href;
    return `${home}/#s=${encodeURIComponent(this.getAttribute("scenario") ?? "two-threads-one-page")}${kernel ? `&k=${encodeURIComponent(kernel)}` : ""}`;
  }

  // /#LINK and /l/ID, both with a view of their own, become /embed#LINK and /embed/ID.
  get #source(): string {
    const url = new URL(this.#address);
    if (!/^https?:$/.test(url.protocol)) return "";
    const [link = "", ...view] = url.hash.slice(1).split("&");
    const isLink = link !== "" && !link.includes("=");
    const fields = new URLSearchParams(url.search);
    for (const [name, value] of new URLSearchParams((isLink ? view : [link, ...view]).join("&"))) fields.set(name, value);
    const said: [string, string | null][] = [["k", this.getAttribute("kernel")], ["t", this.getAttribute("step")], ["c", this.getAttribute("variant")], ["theme", this.getAttribute("theme")]];
    for (const [name, value] of said) if (value) fields.set(name, value);
    if (this.hasAttribute("loop")) fields.set("loop", "1");
    fields.set("origin", location.origin);
    url.search = "";
    url.hash = `${isLink ? `${link}&` : ""}${fields}`;
    url.pathname = url.pathname.includes("/l/") ? url.pathname.replace("/l/", "/embed/") : url.pathname.replace(/\/(edit|embed)?$/, "/embed");
    return url.href;
  }

  #build(): void {
    this.#clear();
    let source = "";
    try {
      source = this.#source;
    } catch {
      // src is no address
    }
    if (!source) return this.#degrade();
    const frame = document.createElement("iframe");
    frame.src = source;
    frame.title = this.#title;
    frame.loading = "lazy";
    frame.setAttribute("part", "frame");
    Object.assign(frame.style, { border: "0", width: "100%", height: "100%", display: "block" });
    this.style.display ||= "block";
    this.#frame = frame;
    this.#size();
    (this.shadowRoot ?? this.attachShadow({ mode: "open" })).replaceChildren(frame);
    frame.addEventListener("load", () => {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.#ready || this.#degrade(), PATIENCE);
      this.#post({ type: "hello" });
    });
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#frame?.remove();
    this.#frame = null;
    this.#ready = false;
    this.#waiting = [];
  }

  #size(): void {
    const height = Number(this.getAttribute("height") ?? HEIGHT);
    if (height > 0) this.style.height = `${height}px`;
  }

  // No frame, by the page's own rules or because nothing answers: what stands in the element, or a link.
  #degrade(): void {
    this.#clear();
    this.style.height = "auto";
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    if (this.childElementCount) return root.replaceChildren(document.createElement("slot"));
    const link = document.createElement("a");
    link.href = this.#address;
    link.textContent = this.#title;
    root.replaceChildren(link);
  }

  #refused = (event: SecurityPolicyViolationEvent): void => {
    const about = /^(frame|child|default)-src/.test(event.effectiveDirective);
    if (about && this.#frame && this.#frame.src.startsWith(event.blockedURI.replace(/#.*/, ""))) this.#degrade();
  };

  #heard = (event: MessageEvent): void => {
    const frame = this.#frame;
    if (!frame || event.source !== frame.contentWindow || event.origin !== new URL(frame.src).origin) return;
    const said = event.data as Message | null;
    if (said?.source !== "faultwalk" || said.v !== 1) return;
    if (said.type === "ready") this.#begin(said);
    if (said.type === "state") this.#moved(said);
  };

  #begin({ steps = 0, title = "", kernel = "" }: Message): void {
    this.#steps = steps;
    this.#kernel = kernel;
    this.#ready = true;
    clearTimeout(this.#timer);
    if (!this.hasAttribute("label") && title && this.#frame) this.#frame.title = `${title} · Faultwalk`;
    for (const message of this.#waiting.splice(0)) this.#post(message);
    this.#tell("fault-ready", { steps, title, kernel });
  }

  #moved({ step = 0, playing = false }: Message): void {
    if (this.#at === step && this.#plays === playing) return;
    this.#at = step;
    this.#plays = playing;
    this.#tell("fault-step", { step, playing, steps: this.#steps });
  }

  #tell(name: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  #send(message: Order): void {
    if (this.#ready) return this.#post(message);
    this.#waiting = [...this.#waiting.slice(-9), message];
  }

  #post(message: Order): void {
    if (this.#frame) this.#frame.contentWindow?.postMessage({ source: "faultwalk", v: 1, ...message }, new URL(this.#frame.src).origin);
  }
}

if (!customElements.get(NAME)) customElements.define(NAME, FaultWalk);
