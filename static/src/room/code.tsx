// The address of a room as a QR code.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../messages";
import { Drawing } from "../share/qr";
import type { Code as Drawn } from "../share/qr";

export function Code({ url }: { url: string }) {
  const code = useSignal<Drawn | null>(null);
  useEffect(() => void import("uqr").then(({ encode }) => (code.value = encode(url, { ecc: "M", border: 3 })), () => {}), [url]);
  return <div class="room-code">{code.value && <Drawing code={code.value} label={t("room_qr", { url })} />}</div>;
}

// As it is typed: without what browsers put in front of it themselves.
export const typed = (url: string): string => url.replace(/^https?:\/\//, "");

// An address that leads nobody else here.
export const isOwn = (url: string): boolean => /^(localhost|127\.|\[::1\])/.test(new URL(url).host);
