// The comparison's entry: the page and its keys.
import { effect } from "@preact/signals";
import { render } from "preact";
import { onKey } from "./compare/keys";
import { start } from "./compare/open";
import { Page } from "./compare/page";
import { pair } from "./compare/pair";
import { hideTerm, learnTerms } from "./glossary";
import "./theme";

addEventListener("keydown", onKey);
render(<Page />, document.getElementById("root")!);
void start().then(learnTerms);
effect(() => { void pair.row.value; hideTerm(); });
