// How the page should look, as a choice.
import { t } from "./messages";
import { dress, theme, THEMES } from "./theme";

export function Looks() {
  return (
    <fieldset>
      <legend>{t("theme")}</legend>
      {THEMES.map((name) => <label key={name}><input type="radio" name="theme" checked={theme.value === name} onChange={() => dress(name)} /> {t(`theme_${name}`)}</label>)}
    </fieldset>
  );
}
