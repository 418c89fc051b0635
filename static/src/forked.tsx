// Where the run on the stage was forked from, if it was, and the ways back.
import { Marked } from "./markup";
import { t } from "./messages";
import { fork, undo } from "./whatif";

export function Forked() {
  const here = fork.value;
  if (!here) return null;
  return (
    <p class="forked" role="status">
      <svg width="13" height="14" viewBox="0 0 13 14" aria-hidden="true" class="fork-sign"><path d="M6.5 13V8M6.5 8 2 4V1M6.5 8 11 4V1" /></svg> <Marked text={here.said} plain /> <button type="button" class="linkish" onClick={undo}>{t("whatif_undo", { n: here.at })}</button>
      {" "}<a class="linkish" href={`/compare#${here.origin.link}~${here.link}&at=${here.at}`}>{t("whatif_compare")}</a>
    </p>
  );
}
