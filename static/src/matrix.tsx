// The page on which a scenario stands under every kernel.
import "./theme";
import { render } from "preact";
import { Page } from "./matrix/page";
import { start } from "./matrix/table";

render(<Page />, document.getElementById("matrix")!);
void start();
