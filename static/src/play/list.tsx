// All levels, and what is known of each under each of its kernels.
import { t } from "../messages";
import { shortName } from "../revisions";
import { langOf } from "../told";
import { open } from "./game";
import { known, levels, settled } from "./levels";
import type { Known, Level } from "./levels";
import { kernel, level } from "./position";

export function Levels({ chosen }: { chosen: () => void }) {
  const all = levels.flatMap((one) => one.kernels.map((k) => known.value[`${one.id}/${k}`] ?? {}));
  return (
    <>
      <p class="soft levels-sum">{t("game_settled", { n: all.filter(settled).length, of: all.length })}</p>
      <ol class="levels">{levels.map((one) => <Row key={one.id} one={one} chosen={chosen} />)}</ol>
    </>
  );
}

function Row({ one, chosen }: { one: Level; chosen: () => void }) {
  return (
    <li>
      <b lang={langOf(one.title)}>{one.title.text}</b>
      <span class="soft" lang={langOf(one.says)}>{one.says.text}</span>
      <span class="level-kernels">
        {one.kernels.map((k) => {
          const here = one.id === level.value.id && k === kernel.value;
          const [sign, says] = stateOf(known.value[`${one.id}/${k}`] ?? {});
          return <button key={k} type="button" class={`offer ${sign ? "settled" : ""}`} aria-current={here ? "true" : undefined} aria-label={`${one.title.text}, ${shortName(k)}: ${says}`} title={says} onClick={() => { chosen(); void open(one.id, k); }}>{shortName(k)}{sign && <b aria-hidden="true"> {sign}</b>}</button>;
        })}
      </span>
    </li>
  );
}

function stateOf({ best, par, impossible }: Known): [sign: string, says: string] {
  if (impossible) return ["∅", t("game_state_impossible")];
  if (best === undefined) return ["", t("game_state_open")];
  return best === par ? ["★", t("game_state_par", { n: best })] : ["✓", t("game_state_won", { n: best, par: par ?? "?" })];
}
