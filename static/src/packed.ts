// A text in a link, as runs are in theirs: deflated, in letters that an address may have.
const PREFIX = "y1."; // y: YAML, deflated. 1: the first form of it

export async function pack(text: string): Promise<string> {
  const bytes = new Uint8Array(await new Response(through(text, new CompressionStream("deflate-raw"))).arrayBuffer());
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return PREFIX + btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// most: characters that it may have. Rejects what is no such link.
export async function unpack(link: string, most: number): Promise<string> {
  if (!link.startsWith(PREFIX) || link.length > most) throw new Error("no link to a text");
  const letters = atob(link.slice(PREFIX.length).replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const reader = through(bytes, new DecompressionStream("deflate-raw")).pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += part.value;
    if (text.length > most) throw new Error("too long a text");
  }
  return text;
}

const through = (what: BlobPart, way: CompressionStream | DecompressionStream): ReadableStream<Uint8Array<ArrayBuffer>> => new Blob([what]).stream().pipeThrough(way);
