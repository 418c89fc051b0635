// A link as a QR code, drawn for paper and for the wall; the encoder is fetched for it.
import { useSignal } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../messages";
import { save } from "./save";

const MOST = 2900; // bytes that the largest code holds
const COARSE = 300; // beyond this a code is too fine for the back rows
const QUIET = 4; // modules of white around it, as the standard wants

export type Code = { size: number; data: boolean[][] };

export function Qr({ url, title }: { url: string; title: string }) {
  const code = useSignal<Code | null>(null);
  const failed = useSignal(false);
  const fits = url.length <= MOST;
  useEffect(() => {
    code.value = null;
    if (fits) import("uqr").then(({ encode }) => (code.value = encode(url, { ecc: url.length > COARSE ? "L" : "M", border: QUIET })), () => (failed.value = true));
  }, [url]);
  const label = t("share_qr_label", { title, host: new URL(url).host });
  useEffect(() => (code.value ? forPaper(code.value, label, title, url) : undefined), [code.value, label]);
  if (!fits) return <p class="share-note">{t("share_qr_too_long")}</p>;
  if (failed.value) return <p class="share-note" role="alert">{t("network_what")}</p>;
  const drawn = code.value;
  if (!drawn) return <p class="share-note" role="status">{t("loading")}</p>;
  return (
    <div class="share-qr">
      <Drawing code={drawn} label={label} />
      <div>
        <p class="share-note">{t(url.length > COARSE ? "share_qr_fine" : "share_qr_says")}</p>
        <div class="share-acts">
          <button type="button" class="share-act" onClick={() => printed()}>{t("share_print")}</button>
          <button type="button" class="share-act" onClick={() => save(new Blob([svgOf(drawn)], { type: "image/svg+xml" }), "faultwalk-qr.svg")}>{t("share_qr_save")}</button>
        </div>
      </div>
    </div>
  );
}

// One path for all: a square of its own each would be thousands.
const pathOf = ({ data }: Code): string => data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");

export function Drawing({ code, label }: { code: Code; label: string }) {
  return (
    <svg class="qr" viewBox={`0 0 ${code.size} ${code.size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={code.size} height={code.size} class="qr-light" />
      <path d={pathOf(code)} class="qr-dark" />
    </svg>
  );
}

const svgOf = (code: Code): string => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${code.size} ${code.size}" width="600" height="600" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${code.size}v${code.size}H0z"/><path d="${pathOf(code)}"/></svg>`;

// Beside the page and unseen, until it is printed.
function forPaper(code: Code, label: string, title: string, url: string): () => void {
  const sheet = document.createElement("div");
  sheet.className = "printed-qr";
  document.body.append(sheet);
  render(<><Drawing code={code} label={label} /><p><b>{title}</b></p>{url.length <= COARSE && <p>{url}</p>}</>, sheet);
  return () => (render(null, sheet), sheet.remove());
}

// The code alone on a sheet, and afterwards the page prints as ever.
function printed(): void {
  document.documentElement.dataset.prints = "qr";
  addEventListener("afterprint", () => delete document.documentElement.dataset.prints, { once: true });
  print();
}
