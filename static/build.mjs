// Bundles static/src into static/dist and writes the manifest that maps source names to hashed files.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { writeFonts } from "./fonts.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
const dist = path.join(here, "dist");
const entries = { story: "static/src/story.tsx", glossary: "static/src/glossary-page.ts", read: "static/src/read.ts", gallery: "static/src/gallery-page.ts", pictures: "static/src/gallery.css", compare: "static/src/compare.tsx", "compare-style": "static/src/compare.css", app: "static/src/app.css", pages: "static/src/pages.css", game: "static/src/play.tsx", "game-style": "static/src/play.css", byhand: "static/src/byhand.tsx", "byhand-style": "static/src/byhand.css", matrix: "static/src/matrix.tsx", "matrix-style": "static/src/matrix.css", "glossary-looks": "static/src/glossary.css", thread: "static/src/story.css", lessons: "static/src/lessons.css", "lesson-edit": "static/src/lesson-edit.ts", "lesson-own": "static/src/lesson-own.ts", sheet: "static/src/sheet.ts", sheets: "static/src/sheets.css", link: "static/src/link.css", framed: "static/src/framed.tsx", "framed-style": "static/src/embed.css", notes: "static/src/notes-page.tsx", "notes-style": "static/src/notes.css", join: "static/src/join-page.ts" };
// The stage shares no file with the other pages, only with its editor: fewer to fetch before its first view.
const stage = { main: "static/src/main.tsx" };
// The element for other sites is a script as scripts were: whole, and without a trace in the page but the element.
const element = { embed: "static/src/embed.ts" };
// Parts that are fetched when they are first wanted, which in one file is never.
const LATER = ["./schedules/panel", "./editor/editor", "./share/dialog", "./room/present", "./room/follow"];
const compressible = /\.(js|css|svg|json|map)$/;

async function bundle(entryPoints, own = {}) {
  return build({
    absWorkingDir: root,
    entryPoints,
    outdir: "static/dist",
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    sourcemap: "linked",
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".woff2": "file", ".svg": "file" },
    entryNames: "[name]-[hash]",
    chunkNames: "chunk-[hash]",
    assetNames: "[name]-[hash]",
    legalComments: "linked",
    metafile: true,
    write: false, // the old files stay until the new ones are known to build
    logLevel: "warning",
    ...own,
  });
}

// Everything that a run in one file needs but the run: engine/one_file.py puts that in.
async function oneFile() {
  const { outputFiles } = await bundle(
    { offline: "static/src/offline.tsx", app: "static/src/app.css" },
    { splitting: false, format: "iife", sourcemap: false, legalComments: "none", loader: { ".woff2": "dataurl" }, external: LATER },
  );
  const [script, style] = [".js", ".css"].map((kind) => outputFiles.find((file) => file.path.endsWith(kind)).text.trim());
  if (/<\/script|<!--|%%/i.test(script) || /<\/style|%%/i.test(style)) throw new Error("the script or style of the one file holds what ends it, or %%");
  const named = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const policy = `default-src 'none'; script-src ${named(script)}; style-src ${named(style)}; font-src data:; img-src data:; base-uri 'none'; form-action 'none'`;
  return readFileSync(path.join(root, "static/src/one_file.html"), "utf8")
    .replace("%%policy%%", policy)
    .replace("%%style%%", () => style)
    .replace("%%script%%", () => script);
}

function writeCompressed(file, contents) {
  writeFileSync(file, contents);
  if (!compressible.test(file)) return;
  writeFileSync(`${file}.gz`, gzipSync(contents, { level: 9 }));
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(`${file}.br`, brotliCompressSync(contents, { params: quality }));
}

// A lazily imported module is an entry point to esbuild too, but no page names it.
function manifest(outputs) {
  const sources = new Set([...Object.values(stage), ...Object.values(entries), ...Object.values(element)]);
  const names = Object.entries(outputs)
    .filter(([, output]) => sources.has(output.entryPoint))
    .map(([file, output]) => {
      const name = path.posix.basename(output.entryPoint).replace(/(-page)?\.tsx?$/, ".js");
      return [name, inStatic(file), [...needed(outputs, file)].map(inStatic)];
    });
  return {
    manifest: Object.fromEntries(names.map(([name, file]) => [name, file])),
    imports: Object.fromEntries(names.filter(([, , needs]) => needs.length).map(([name, , needs]) => [name, needs])),
  };
}

const inStatic = (file) => path.posix.relative("static", file);

// What a file imports before it can run, and what that imports.
function needed(outputs, file, found = new Set()) {
  for (const { path: other, kind } of outputs[file].imports) {
    if (kind !== "import-statement" || found.has(other)) continue;
    found.add(other);
    needed(outputs, other, found);
  }
  return found;
}

try {
  const results = await Promise.all([bundle(stage), bundle(entries), bundle(element, { format: "iife", splitting: false, sourcemap: false })]);
  const alone = await oneFile();
  const outputs = Object.assign({}, ...results.map((result) => result.metafile.outputs));
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  for (const file of results.flatMap((result) => result.outputFiles)) writeCompressed(file.path, file.contents);
  writeFileSync(path.join(dist, "one_file.html"), alone);
  writeFonts(path.join(root, "node_modules"), path.join(dist, "fonts"));
  const named = manifest(outputs);
  for (const name in named) writeFileSync(path.join(dist, `${name}.json`), JSON.stringify(named[name], null, 2) + "\n");
} catch (error) {
  if (!error.errors) console.error(error); // esbuild has already printed its own
  process.exitCode = 1;
}
