// The gallery's page: its filters at once and by a typed word. Without this they are plain links.
import "./nav";
import { site } from "./site";

const FIELDS = ["claim", "level", "minutes"] as const;
type Field = (typeof FIELDS)[number];
type Asked = Partial<Record<Field, string>>;

const main = document.querySelector<HTMLElement>("main.pictures")!;
const cards = [...main.querySelectorAll<HTMLElement>(".scene-card")];
const links = [...main.querySelectorAll<HTMLAnchorElement>(".filter a")];
const find = main.querySelector<HTMLInputElement>("#find")!;
const hide = (selector: string, hidden: boolean) => (main.querySelector<HTMLElement>(selector)!.hidden = hidden);

function asked(): Asked {
  const query = new URLSearchParams(location.search);
  const known = FIELDS.filter((field) => links.some((a) => a.dataset.field === field && a.dataset.value && a.dataset.value === query.get(field)));
  return Object.fromEntries(known.map((field) => [field, query.get(field)!]));
}

function addressOf(query: Asked): string {
  const text = new URLSearchParams(Object.entries(query)).toString();
  return site(text ? `/gallery?${text}` : "/gallery");
}

function fits(card: HTMLElement, query: Asked, words: string[]): boolean {
  const { claim, level, minutes, words: text } = card.dataset;
  return (query.claim ?? claim) === claim && (query.level ?? level) === level && Number(minutes) <= Number(query.minutes ?? minutes) && words.every((word) => text!.includes(word));
}

// The section with the easiest scenario leads unless harder ones are asked for, as on the server.
const topics = [...main.querySelectorAll<HTMLElement>(".topic")].sort((a, b) => Number(a.dataset.place) - Number(b.dataset.place));
function order(first: boolean): void {
  const wanted = first ? [...topics].sort((a, b) => Number(b.classList.contains("starts")) - Number(a.classList.contains("starts"))) : topics;
  if (wanted.some((topic, i) => topic !== main.querySelectorAll(".topic")[i])) main.append(...wanted);
}

function show(): void {
  const query = asked();
  order(query.level === undefined || query.level === "first");
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const card of cards) card.hidden = !fits(card, query, words);
  for (const section of main.querySelectorAll<HTMLElement>(".topic")) section.hidden = !section.querySelector(".scene-card:not([hidden])");
  for (const link of links) {
    const { [link.dataset.field as Field]: chosen = "", ...rest } = query;
    const value = link.dataset.value!;
    link.href = addressOf(value ? { ...query, [link.dataset.field as Field]: value } : rest);
    if (chosen === value) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  tally(cards.filter((card) => !card.hidden).length, words.length > 0 || Object.keys(query).length > 0);
}

function tally(shown: number, filtered: boolean): void {
  const all = main.dataset.total!;
  const said = filtered ? main.dataset.countOf! : main.dataset.count!;
  main.querySelector("#tally")!.textContent = said.replace("{n}", String(filtered ? shown : all)).replace("{all}", all);
  hide(".clear", !filtered);
  hide(".nothing", shown > 0);
}

function follow(event: MouseEvent): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const link = event.currentTarget as HTMLAnchorElement;
  if (link.classList.contains("clear")) find.value = "";
  main.querySelector(".unknown")?.remove();
  history.pushState(null, "", link.href);
  show();
}

for (const link of [...links, main.querySelector<HTMLAnchorElement>(".clear")!]) link.addEventListener("click", follow);
addEventListener("popstate", show);
find.addEventListener("input", show);
hide(".finder", false);
show();
