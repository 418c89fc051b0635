// The canonical form of a link's content, and the short name that its hash gives it: engine/share.py and
// engine/link_id.py in the browser. tests/links/vectors.json holds the two to each other.
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
export const SHORT = 10;
const WHOLE = 52;
const LOOKS: Record<string, string> = { 0: "o", 1: "i", 3: "e", 4: "a", 5: "s", 7: "t", v: "u", 8: "b", l: "i" };
const fold = (text: string): string => text.replace(/[013457v8l]/g, (c) => LOOKS[c]!);
const AVOIDED = "anal anus arse bitch cock cunt dick fag fuck fick hitler kike kkk nazi negr nigg penis piss porn pussy rape sex shit slut tits twat wank whore".split(" ").map(fold);

export const canonical = (content: Json): string => written(content).normalize("NFC");

function written(data: Json): string {
  if (Array.isArray(data)) return `[${data.map(written).join(",")}]`;
  if (typeof data === "number" && !Number.isSafeInteger(data)) throw new RangeError(`${data} is no whole number`);
  if (data === null || typeof data !== "object") return quoted(data);
  const keys = Object.keys(data).sort();
  return `{${keys.map((key) => `${quoted(key)}:${written(data[key]!)}`).join(",")}}`;
}

// JSON.stringify writes a lone surrogate as an escape; Python refuses it, and so does this.
function quoted(data: null | boolean | number | string): string {
  if (typeof data === "string" && /\p{Surrogate}/u.test(data)) throw new RangeError("half a character");
  return JSON.stringify(data);
}

// The first characters of the hash are the id: ten, or one more for each that another content has too.
export async function linkName(content: Json): Promise<string> {
  const text = canonical(content);
  for (let again = 0; ; again += 1) {
    const name = spelt(await hash(`faultwalk-link\0${text}${again ? `\0${again}` : ""}`));
    const folded = fold(name.slice(0, SHORT + 2));
    if (!AVOIDED.some((word) => folded.includes(word))) return name;
  }
}

const hash = async (text: string): Promise<Uint8Array> => new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));

function spelt(digest: Uint8Array): string {
  const bits = [...digest].map((byte) => byte.toString(2).padStart(8, "0")).join("").padEnd(WHOLE * 5, "0");
  return (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[parseInt(five, 2)]).join("");
}
