// The page on which a lesson is copied and changed: its text comes from a file and goes into one, and what holds is
// handed out as a link. Scenes get players.
import { learnTerms } from "./glossary";
import { t } from "./messages";
import { pack } from "./packed";
import { upgradeScenes } from "./scene";
import { save } from "./share/save";
import { site } from "./site";
import "./nav";

const text = document.querySelector<HTMLTextAreaElement>("#lesson-text");
const row = document.querySelector<HTMLElement>("#lesson-files");

if (text && row) {
  const label = document.createElement("label");
  label.className = "quiet file";
  label.textContent = t("lesson_open");
  const input = document.createElement("input");
  input.type = "file";
  input.accept = ".yaml,.yml,.json,text/yaml,application/yaml,application/json";
  input.className = "visually-hidden";
  label.append(input);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = t("lesson_save");
  const said = document.createElement("span");
  said.className = "small";
  said.setAttribute("role", "status");
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
  const label = document.createElement("label");
  label.textContent = t("lesson_link");
  const field = document.createElement("input");
  field.readOnly = true;
  field.value = link;
  field.addEventListener("focus", () => field.select());
  label.append(field);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "go";
  button.textContent = t("lesson_copy");
  const said = document.createElement("p");
  said.className = "small";
  said.setAttribute("role", "status");
  said.textContent = t("lesson_link_says", { n: link.length });
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(link).then(() => (said.textContent = t("lesson_copied")), () => field.focus());
  });
  box.append(label, button, said);
}

const box = document.querySelector<HTMLElement>("#hand-out");
if (box && text && "CompressionStream" in window) void handOut(box, text.value);
upgradeScenes();
learnTerms();
