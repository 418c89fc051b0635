// A sheet: printed, and once it is checked saved as a file by who solved it. Nothing is sent for that.
import { t } from "./messages";
import { save } from "./share/save";
import { site } from "./site";
import "./nav";

const main = document.querySelector<HTMLElement>("main.exercise-sheet, main.inventory");
const row = document.querySelector<HTMLElement>("#sheet-files");

// What is copied from the address bar tells what was handed out, too.
const here = main?.dataset.here;
if (here && !new URLSearchParams(location.search).has("is")) history.replaceState(null, "", site(here) + location.hash);

type Result = { number: number; kind: string; answer: string; result: string };

const results = (): Result[] =>
  [...document.querySelectorAll<HTMLElement>(".exercise[data-graded]")].map((one, place) => ({
    number: place + 1,
    kind: one.dataset.kind ?? "",
    answer: lettered(one.dataset.given ?? ""),
    result: one.dataset.graded ?? "",
  }));

// As on the sheet: a, b, c.
const lettered = (given: string): string => given.split(" ").filter(Boolean).map((n) => "abcdefgh"[Number(n)] ?? "?").join(" ");

// A cell that a spreadsheet would take for a formula begins with a quote.
const cell = (value: string | number): string => {
  const text = String(value);
  return `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
};

function head(): Record<string, string> {
  return { sheet: main?.dataset.seed ?? "", form: main?.dataset.form ?? "", kinds: main?.dataset.kinds ?? "", n: main?.dataset.n ?? "" };
}

function asCsv(name: string): string {
  const { sheet = "", form = "" } = head();
  const lines = results().map((r) => [name, sheet || form, r.number, r.kind, r.answer, r.result]);
  return [["name", "sheet", "number", "kind", "answer", "result"], ...lines].map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
}

const asJson = (name: string): string => JSON.stringify({ name, ...head(), results: results() }, null, 2) + "\n";

function button(text: string, act: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "quiet";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

if (row) {
  row.append(button(t("sheet_print"), () => print()));
  if (results().length) {
    const name = document.createElement("input");
    name.setAttribute("aria-label", t("sheet_name"));
    name.placeholder = t("sheet_name_hint");
    name.maxLength = 60;
    name.autocomplete = "off";
    const file = `faultwalk-${(main?.dataset.seed ?? main?.dataset.form ?? "").replace(/[^\w-]/g, "")}`;
    const stays = document.createElement("span");
    stays.className = "small";
    stays.textContent = t("sheet_stays");
    row.append(
      name,
      button(t("sheet_csv"), () => save(new Blob([asCsv(name.value)], { type: "text/csv" }), `${file}.csv`)),
      button(t("sheet_json"), () => save(new Blob([asJson(name.value)], { type: "application/json" }), `${file}.json`)),
      stays,
    );
  }
}
document.getElementById("score")?.scrollIntoView({ block: "center" });
