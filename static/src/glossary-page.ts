// The glossary's page: a field that leaves only the terms that hold what is typed.
import "./theme";

const first = document.querySelector<HTMLElement>(".jump");
const field = document.createElement("input");
field.type = "search";
field.className = "find";
field.placeholder = "pte, mmap_sem, SIGBUS …";
field.setAttribute("aria-label", "Find a term");
field.addEventListener("input", () => {
  const wanted = field.value.trim().toLowerCase();
  for (const term of document.querySelectorAll<HTMLElement>(".term")) {
    term.hidden = wanted !== "" && !(term.dataset.words ?? "").includes(wanted) && !(term.textContent ?? "").toLowerCase().includes(wanted);
  }
  for (const group of document.querySelectorAll<HTMLElement>(".glossary section")) group.hidden = group.querySelector(".term:not([hidden])") === null;
});
first?.before(field);
