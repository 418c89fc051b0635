// The game's entry: the page and its keys.
import { effect } from "@preact/signals";
import { render } from "preact";
import { hideTerm, learnTerms } from "./glossary";
import { start } from "./play/game";
import { onKey } from "./play/keys";
import { Page } from "./play/page";
import { player } from "./play/position";
import "./theme";

addEventListener("keydown", onKey);
render(<Page />, document.getElementById("root")!);
void start().then(learnTerms);
effect(() => { void player.position.value; hideTerm(); });
