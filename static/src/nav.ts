// The header of pages that are read: the reader's theme, in the menu there.
import { effect } from "@preact/signals";
import { dress, theme, THEMES } from "./theme";

for (const radio of document.querySelectorAll<HTMLInputElement>("#looks input")) {
  const name = THEMES.find((one) => one === radio.value);
  if (!name) continue;
  effect(() => void (radio.checked = theme.value === name));
  radio.addEventListener("change", () => dress(name));
}

// On a phone the row of pages scrolls: it begins where one is.
const row = document.querySelector<HTMLElement>(".site");
const current = row?.querySelector<HTMLElement>("[aria-current]");
if (row && current) row.scrollLeft += current.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - current.clientWidth) / 2;
