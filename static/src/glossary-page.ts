// The glossary's page: a field that leaves only the terms with these words. Without script all of it stands there.
import { t } from "./messages";
import "./nav";

const entries = [...document.querySelectorAll<HTMLElement>(".term-entry")];
const sections = [...document.querySelectorAll<HTMLElement>(".group")];

const field = document.createElement("input");
field.type = "search";
field.className = "find";
field.setAttribute("aria-label", t("find_term"));
field.placeholder = t("find_term");
field.autocomplete = "off";
const found = document.createElement("p");
found.className = "small";
found.setAttribute("role", "status");
document.getElementById("finder")?.append(field, found);

// What has the words in its names comes first, the closest name before all: 0 one of them is what is asked for.
function rank(entry: HTMLElement, asked: string, words: string[]): number {
  const names = (entry.dataset.words ?? "").split("\n");
  if (names.includes(asked)) return 0;
  if (names.some((name) => name.startsWith(asked))) return 1;
  return words.every((word) => names.some((name) => name.includes(word))) ? 2 : 3;
}

const home = new Map(entries.map((entry) => [entry, entry.closest<HTMLElement>(".group")!]));
const hits = document.createElement("section");
hits.className = "group hits";
hits.setAttribute("aria-label", t("find_term"));
document.querySelector("main")?.append(hits);

function narrow(): void {
  const asked = field.value.toLowerCase().trim();
  const words = asked.split(/\s+/).filter(Boolean);
  const left = entries.filter((entry) => words.every((word) => `${entry.dataset.words ?? ""} ${entry.querySelector(".term-words")?.textContent?.toLowerCase() ?? ""}`.includes(word)));
  const ranked = [...left].sort((a, b) => rank(a, asked, words) - rank(b, asked, words));
  for (const entry of entries) home.get(entry)!.append(entry);
  if (words.length) hits.append(...ranked);
  for (const section of sections) section.hidden = words.length > 0;
  hits.hidden = left.length === 0 || words.length === 0;
  found.textContent = words.length === 0 ? "" : left.length === 0 ? t("no_term") : t("n_terms", { n: left.length, of: entries.length });
}

// A link to a term that is filtered away shows all of them again.
function reveal(): void {
  const target = document.getElementById(location.hash.slice(1));
  if (!target?.closest("[hidden]")) return;
  field.value = "";
  narrow();
  target.scrollIntoView();
}

field.addEventListener("input", narrow);
field.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  field.value = "";
  narrow();
});
addEventListener("hashchange", reveal);
narrow();
