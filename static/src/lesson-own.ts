// A lesson that somebody else wrote, out of the link: the server checks and tells it, and keeps nothing.
import { learnTerms } from "./glossary";
import { unpack } from "./packed";
import { upgradeScenes } from "./scene";
import { site } from "./site";
import "./nav";

const MOST = 48 * 1024; // as app/lessons/pages.py has it

const main = document.querySelector("main")!;

async function open(): Promise<void> {
  try {
    const text = await unpack(location.hash.slice(1), MOST);
    const found = await told(text);
    const fresh = found.querySelector("main");
    if (!fresh) throw new Error("no lesson came");
    document.title = found.title;
    main.replaceChildren(...fresh.childNodes);
    upgradeScenes();
    learnTerms();
  } catch {
    for (const part of main.querySelectorAll<HTMLElement>("[data-when]")) part.hidden = part.dataset.when !== "failed";
  }
}

// A page that comes as a document: its scripts stay dead, and what it says is the server's.
function told(text: string): Promise<Document> {
  return new Promise((done, failed) => {
    const asked = new XMLHttpRequest();
    asked.open("POST", site("/lessons/own"));
    asked.responseType = "document";
    asked.onload = () => (asked.status === 200 && asked.response ? done(asked.response as Document) : failed(new Error(String(asked.status))));
    asked.onerror = () => failed(new Error("no answer"));
    asked.send(new URLSearchParams({ text }));
  });
}

addEventListener("hashchange", () => location.reload());
void open();
