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

function narrow(): void {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let left = 0;
  for (const entry of entries) {
    const text = `${entry.dataset.words ?? ""} ${entry.querySelector(".term-words")?.textContent?.toLowerCase() ?? ""}`;
    entry.hidden = !words.every((word) => text.includes(word));
    if (!entry.hidden) left += 1;
  }
  for (const section of sections) section.hidden = !section.querySelector(".term-entry:not([hidden])");
  found.textContent = words.length === 0 ? "" : left === 0 ? t("no_term") : t("n_terms", { n: left, of: entries.length });
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
