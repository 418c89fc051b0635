// The entry of an embedded run: it changes nothing outside its frame, takes no focus, and rests while nobody sees it.
import { render } from "preact";
import { keepStill } from "./address";
import * as api from "./api";
import { Frame } from "./embed/frame";
import { catchUp, talk } from "./embed/host";
import { onKey } from "./embed/keys";
import { optionsOf } from "./embed/options";
import { predicts } from "./predict";
import { kernels, mode, open, stage } from "./store";
import { lend } from "./theme";

keepStill();
const came = document.getElementById("opening")?.dataset;
const asked = () => optionsOf(location.search, location.hash, came?.link);
const options = asked();
if (options.theme) lend(options.theme);
mode.value = options.variant === "predict" ? "predict" : "play";

document.querySelector(".unscripted")?.remove();
render(<Frame options={options} short={came?.short ?? null} />, document.getElementById("root")!);
addEventListener("keydown", onKey);
talk(options.origin);
stage.run();
predicts();
void show(true);
// A host may also go on by the address of the frame.
addEventListener("hashchange", () => void show(false));
if (options.chooses) api.kernels().then((list) => (kernels.value = list), () => undefined);
watch();

async function show(first: boolean): Promise<void> {
  const { request, from, to, loops } = asked();
  const link = "link" in request && !("kernel" in request) ? request.link : null;
  if (first || link !== stage.trace.value?.link) await open(request, from, false);
  else stage.seek(from);
  stage.span.value = to !== null || loops ? { from: to === null ? 0 : from, to: to ?? stage.last.value, loops } : null;
  if (first) catchUp();
}

function watch(): void {
  let seen = true;
  let played = false;
  const look = (now: boolean) => {
    const visible = now && document.visibilityState === "visible";
    if (!visible && stage.playing.value) {
      stage.playing.value = false;
      played = true;
    } else if (visible && played) {
      played = false;
      if (!stage.playing.value) stage.togglePlay();
    }
  };
  new IntersectionObserver(([entry]) => look((seen = entry!.isIntersecting))).observe(document.documentElement);
  document.addEventListener("visibilitychange", () => look(seen));
}
