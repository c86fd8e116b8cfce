// The sources and their packages into ../assets/editor: the same bytes on every machine that builds the same lock.
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { gzipSync } from "fflate"; // compresses the same on every machine, which the compressors of Node.js do not

const OUT = new URL("../assets/editor/", import.meta.url);
const here = (path) => new URL(path, import.meta.url);

async function bundle(entry, name, format) {
  const made = await build({
    absWorkingDir: here(".").pathname, entryPoints: [entry], bundle: true, minify: true, write: false, metafile: true,
    format, target: "es2022", charset: "utf8", legalComments: "none", logLevel: "warning",
    define: { "import.meta.url": "'about:blank'" }, // the engine's own search for its file, which is handed to it
  });
  await writeFile(new URL(name, OUT), made.outputFiles[0].contents);
  return Object.keys(made.metafile.inputs);
}

function packageOf(input) {
  const parts = input.split("node_modules/").at(-1).split("/");
  return parts.slice(0, parts[0].startsWith("@") ? 2 : 1).join("/");
}

async function notice(name) {
  const folder = here(`node_modules/${name}/`);
  const { version, license } = JSON.parse(await readFile(new URL("package.json", folder), "utf8"));
  const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
  const text = file ? (await readFile(new URL(file, folder), "utf8")).trim() : "Its package holds no text of its licence.";
  return `${name} ${version} · ${license}\n\n${text}\n`;
}

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const inputs = [
  ...(await bundle("src/main.js", "editor.js", "esm")),
  ...(await bundle("src/worker.js", "worker.js", "iife")),
];
const engine = await readFile(here("node_modules/oxigraph/web_bg.wasm"));
await writeFile(new URL("oxigraph.wasm.gz", OUT), gzipSync(engine, { level: 9, mtime: 0 }));
const names = [...new Set(inputs.filter((input) => input.includes("node_modules/")).map(packageOf))].sort();
const notices = await Promise.all(names.map(notice));
const head = "editor.js, worker.js and oxigraph.wasm.gz hold these packages, each under its own licence.\n\n";
await writeFile(new URL("NOTICE.txt", OUT), head + notices.join(`\n${"-".repeat(72)}\n\n`));
