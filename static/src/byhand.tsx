// The entry of the page on which the reader is the kernel: the page and its keys.
import { effect } from "@preact/signals";
import { render } from "preact";
import { start } from "./byhand/game";
import { onKey } from "./byhand/keys";
import { Page } from "./byhand/page";
import { player } from "./byhand/position";
import { hideTerm, learnTerms } from "./glossary";
import "./theme";

addEventListener("keydown", onKey);
render(<Page />, document.getElementById("root")!);
void start().then(learnTerms);
effect(() => { void player.position.value; hideTerm(); });
