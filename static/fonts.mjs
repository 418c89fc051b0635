// The fonts that pictures are drawn with on the server: unpacked from WOFF, which no rasteriser reads.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inflateSync } from "node:zlib";

const SCRIPTS = ["latin", "latin-ext", "greek", "cyrillic"];
const FONTS = { "inter-500": ["inter", 500], "inter-700": ["inter", 700], "jetbrains-mono-700": ["jetbrains-mono", 700] };

export function writeFonts(modules, folder) {
  mkdirSync(folder, { recursive: true });
  for (const [name, [family, weight]] of Object.entries(FONTS)) {
    for (const script of SCRIPTS) {
      const file = path.join(modules, "@fontsource", family, "files", `${family}-${script}-${weight}-normal.woff`);
      writeFileSync(path.join(folder, `${name}-${script}.ttf`), unpacked(readFileSync(file)));
    }
    writeFileSync(path.join(folder, `${name}.LICENSE`), readFileSync(path.join(modules, "@fontsource", family, "LICENSE")));
  }
}

// WOFF 1.0: a head, a directory, and each table deflated by itself.
function unpacked(woff) {
  const count = woff.readUInt16BE(12);
  const rows = Array.from({ length: count }, (_, n) => woff.subarray(44 + 20 * n, 64 + 20 * n));
  const tables = rows.map((row) => {
    const [from, packed, whole] = [4, 8, 12].map((at) => row.readUInt32BE(at));
    const data = woff.subarray(from, from + packed);
    return { tag: row.subarray(0, 4), sum: row.subarray(16, 20), data: packed < whole ? inflateSync(data) : data };
  });
  const power = Math.floor(Math.log2(count));
  const head = Buffer.alloc(12 + 16 * count);
  woff.copy(head, 0, 4, 8);
  [count, 16 << power, power, 16 * count - (16 << power)].forEach((value, n) => head.writeUInt16BE(value, 4 + 2 * n));
  const parts = [head];
  let offset = head.length;
  tables.forEach(({ tag, sum, data }, n) => {
    tag.copy(head, 12 + 16 * n);
    sum.copy(head, 16 + 16 * n);
    head.writeUInt32BE(offset, 20 + 16 * n);
    head.writeUInt32BE(data.length, 24 + 16 * n);
    const padding = -data.length & 3;
    parts.push(data, Buffer.alloc(padding));
    offset += data.length + padding;
  });
  return Buffer.concat(parts);
}
