// What the signs on the stage mean: shown with the keys.
import { ForkSign } from "../forked";
import type { Key } from "../messages";
import { t } from "../messages";

const SIGNS: [sign: string, means: Key][] = [
  ["thread-0", "sign_thread_0"],
  ["thread-1", "sign_thread_1"],
  ["filled", "sign_filled"],
  ["pale", "sign_pale"],
  ["wait", "sign_wait"],
  ["bad", "sign_bad"],
  ["changed", "sign_changed"],
  ["none", "sign_none"],
  ["raw", "sign_raw"],
  ["rest", "sign_rest"],
  ["delta", "sign_delta"],
  ["note", "sign_note"],
  ["fork", "sign_fork"],
];

export function Legend() {
  return (
    <dl class="legend">
      {SIGNS.map(([sign, means]) => <div key={sign}><dt><Sign name={sign} /></dt><dd>{t(means)}</dd></div>)}
    </dl>
  );
}

function Sign({ name }: { name: string }) {
  if (name === "delta") return <span class="delta" aria-hidden="true" />;
  if (name === "rest") return <span aria-hidden="true">×4</span>;
  if (name === "note") return <span aria-hidden="true">★</span>;
  if (name === "fork") return <ForkSign />;
  if (name === "bad") return <svg width="26" height="16" viewBox="0 0 26 16" aria-hidden="true"><path class="glyph" d="M10 2h6l4 4v4l-4 4h-6l-4-4V6z" /></svg>;
  const thread = name === "thread-1" || name === "wait" ? "t1" : "t0";
  return (
    <svg width="26" height="16" viewBox="0 0 26 16" aria-hidden="true" class={`sign-${name} ${thread}`}>
      <rect x="1" y="2" width="24" height="12" rx="4" class="body" />
      {name === "thread-1" && <rect x="1" y="2" width="24" height="12" rx="4" fill="url(#hatch)" />}
      {name === "raw" && <rect x="1" y="2" width="8" height="12" rx="3" fill="url(#hatch)" />}
    </svg>
  );
}
