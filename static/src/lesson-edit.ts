// The page on which a lesson is copied and changed: its text comes from a file and goes into one, and what holds is
// handed out as a link. Scenes get players.
import { learnTerms } from "./glossary";
import { t } from "./messages";
import { pack } from "./packed";
import { upgradeScenes } from "./scene";
import { save } from "./share/save";
import { site } from "./site";
import "./nav";

const made = <K extends keyof HTMLElementTagNameMap>(tag: K, having: Partial<HTMLElementTagNameMap[K]>): HTMLElementTagNameMap[K] => Object.assign(document.createElement(tag), having);

const text = document.querySelector<HTMLTextAreaElement>("#lesson-text");
const row = document.querySelector<HTMLElement>("#lesson-files");

if (text && row) {
  const label = made("label", { className: "quiet file", textContent: t("lesson_open") });
  const input = made("input", { type: "file", accept: ".yaml,.yml,.json,text/yaml,application/yaml,application/json", className: "visually-hidden" });
  label.append(input);
  const button = made("button", { type: "button", className: "quiet", textContent: t("lesson_save") });
  const said = made("span", { className: "small", role: "status" });
  row.append(label, button, said);
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (!file) return;
    void file.text().then((read) => {
      text.value = read;
      said.textContent = t("lesson_opened", { name: file.name });
    });
  });
  button.addEventListener("click", () => {
    const id = /^id: *([a-z0-9-]+)/m.exec(text.value)?.[1] ?? "lesson";
    save(new Blob([text.value], { type: "application/yaml" }), `${id}.yaml`);
  });
}

async function handOut(box: HTMLElement, lesson: string): Promise<void> {
  const link = new URL(site(`/lessons/own#${await pack(lesson)}`), location.href).href;
  const label = made("label", { textContent: t("lesson_link") });
  const field = made("input", { readOnly: true, value: link });
  field.addEventListener("focus", () => field.select());
  label.append(field);
  const button = made("button", { type: "button", className: "go", textContent: t("lesson_copy") });
  const said = made("p", { className: "small", role: "status", textContent: t("lesson_link_says", { n: link.length }) });
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(link).then(() => (said.textContent = t("lesson_copied")), () => field.focus());
  });
  box.append(label, button, said);
}

const box = document.querySelector<HTMLElement>("#hand-out");
if (box && text && "CompressionStream" in window) void handOut(box, text.value);
upgradeScenes();
learnTerms();
