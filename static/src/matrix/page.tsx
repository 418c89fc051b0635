// Rules by kernels, an architecture at a time; on paper all of them.
import { t } from "../messages";
import { shortName } from "../revisions";
import { site } from "../site";
import { Trouble } from "../trouble";
import { alike, arch, asked, cellsOf, chosen, gallery, galleryId, isPromise, isRefusal, look, pick, ruleName, search, sentences, title } from "./table";
import type { Cell, Matrix } from "./table";

export function Page() {
  const matrix = search.found.value;
  return (
    <>
      <div class="matrix-head">
        <h1>{t("matrix_head", { title: title.value || "…" })}</h1>
        <label class="which"><span>{t("matrix_scenario")}</span>
          <select value={galleryId.value ?? ""} onChange={(e) => e.currentTarget.value && pick(e.currentTarget.value)}>
            {!galleryId.value && <option value="">{title.value || "…"}</option>}
            {gallery.value.map((item) => <option key={item.id} value={item.id} lang={item.lang}>{item.title}</option>)}
          </select>
        </label>
      </div>
      <Trouble what={search.trouble.value} dismiss={() => (search.trouble.value = null)} />
      <Going />
      {matrix && <Found matrix={matrix} />}
    </>
  );
}

function Going() {
  const going = search.going.value;
  if (!going) return search.found.value ? null : <p class="matrix-going" role="status">{search.cancelled.value && <button type="button" class="offer" onClick={look}>{t("matrix_again")}</button>}</p>;
  return (
    <p class="matrix-going" role="status">
      {t("matrix_going")} {going.cells !== undefined && <progress max={going.cells} value={going.cells_done} aria-label={t("matrix_decided")} />} <span aria-hidden="true">{going.cells !== undefined && t("matrix_cells", { n: going.cells_done!, all: going.cells })} {t("matrix_seconds", { n: Math.round(going.seconds), most: going.max_seconds })}</span>{" "}
      <button type="button" class="offer" onClick={() => search.cancel()}>{t("matrix_cancel")}</button>
    </p>
  );
}

function Found({ matrix }: { matrix: Matrix }) {
  return (
    <>
      <p class="matrix-says" role="status">{sentences(matrix, chosen.value).join(" ")} <span class="soft">{alike(matrix)}</span></p>
      {matrix.limit === "cancelled" && <p class="soft">{t("matrix_cancelled")}</p>}
      <div class="arches" role="group" aria-label={t("matrix_arch")}>
        {matrix.arches.map((id) => <button key={id} type="button" class={id === chosen.value ? "rev on" : "rev"} aria-pressed={id === chosen.value} onClick={() => (arch.value = id)}>{id}</button>)}
      </div>
      {matrix.arches.map((id) => <Table key={id} matrix={matrix} id={id} shown={id === chosen.value} />)}
      <p class="soft legend-line">{t("matrix_legend")} {t("sched_unfair")}</p>
      <p><a class="linkish" href={site(`/#${asked.value}`)}>{t("matrix_stage")}</a></p>
    </>
  );
}

function Table({ matrix, id, shown }: { matrix: Matrix; id: string; shown: boolean }) {
  const cells = cellsOf(matrix, id);
  const own = matrix.rules.filter((rule) => !isPromise(matrix, rule));
  const promises = matrix.rules.filter((rule) => isPromise(matrix, rule));
  const label = t("matrix_table", { arch: id });
  return (
    <div class={shown ? "matrix-scroll" : "matrix-scroll other"} role="region" tabIndex={0} aria-label={label}>
      <table class="matrix">
        <caption>{label}</caption>
        <thead><tr><th scope="col">{t("matrix_rule")}</th>{matrix.kernels.map((kernel) => <th key={kernel} scope="col">{shortName(kernel)}</th>)}</tr></thead>
        <tbody>
          {own.map((rule) => <tr key={rule}><th scope="row">{ruleName(rule)}{rule === "no_deadlock" && <small>{t("matrix_no_queue")}</small>}</th>{cells.map((cell) => <Mark key={cell.kernel} cell={cell} rule={rule} />)}</tr>)}
          <tr class="others"><th scope="row">{t("matrix_others")}{!own.includes("no_deadlock") && <small>{t("matrix_no_queue_either")}</small>}</th>{cells.map((cell) => <Mark key={cell.kernel} cell={cell} rule="" />)}</tr>
          {promises.map((rule) => <tr key={rule} class="promise"><th scope="row">{t("matrix_promise_row")}<small>{ruleName(rule)}</small></th>{cells.map((cell) => <Mark key={cell.kernel} cell={cell} rule={rule} />)}</tr>)}
          <tr class="states"><th scope="row">{t("matrix_states")}</th>{cells.map((cell) => <td key={cell.kernel}>{cell.refused ? "" : cell.states}</td>)}</tr>
        </tbody>
      </table>
    </div>
  );
}

const Sign = ({ sign, says, note = "" }: { sign: string; says: string; note?: string }) => <><span aria-hidden="true" class="sign">{sign}</span><span class="visually-hidden">{says}</span>{note && <small aria-hidden="true">{note}</small>}</>;

function Mark({ cell, rule }: { cell: Cell; rule: string }) {
  if (cell.refused) return <td class="refused" title={cell.refused}><Sign sign="–" says={`${t("matrix_refused")}: ${cell.refused}`} note={t("matrix_refused")} /></td>;
  const way = cell.broken[rule];
  if (!way) return cell.complete ? <td class="holds"><Sign sign="✓" says={t("matrix_holds")} /></td> : <td class="open"><Sign sign="?" says={t("matrix_open_long")} note={t("matrix_open")} /></td>;
  const sign = way.promise ? "○" : "✕";
  const refuses = isRefusal(cell, rule);
  const kind = way.promise || refuses ? "driver" : "breaks";
  if (!way.link) return <td class={kind}><Sign sign={sign} says={t("matrix_broken")} /></td>;
  const says = t(way.promise ? "matrix_driver_at" : refuses ? "matrix_refuses_at" : "matrix_breaks_at", { n: way.steps });
  return <td class={kind}><a href={site(`/#${way.link}&t=${way.steps}`)} title={way.text.replace(/[`@#]/g, "")}><Sign sign={sign} says={says} note={t("matrix_step", { n: way.steps })} /></a></td>;
}
