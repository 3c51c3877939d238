// The tracker that websites load, whole and without what only some of them need, as small as it gets.
//
// The modules of a tracker become a function, so that a page with two trackers has them twice, each with a state of
// its own; what is outside of that function they have in common. `WHOLE` is known when it is built: in the smaller
// tracker whatever stands under it disappears, and so do the modules that only that needs.
import { build } from "esbuild";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { minify } from "terser";

const sources = join(dirname(fileURLToPath(import.meta.url)), "../../ingest/tracker");
const options = { bundle: true, target: "es2021", minifySyntax: true, logLevel: "warning", write: false };
const COMMON = "./names.js";
const ONLY_WHOLE = /^\.\/(bulk|content|delivery|domains|errors|methods|unsent|variables)\.js$/;

const withoutUnneeded = {
  name: "without-unneeded",
  setup({ onResolve }) {
    onResolve({ filter: ONLY_WHOLE }, ({ path, resolveDir }) => ({ path: join(resolveDir, path), sideEffects: false }));
  },
};

const SMALLEST = {
  ecma: 2020,
  toplevel: true,
  compress: { passes: 4, unsafe: true, unsafe_arrows: true, pure_getters: true, keep_fargs: false, if_return: false, sequences: false },
};

async function bundle(entry, whole) {
  const define = { WHOLE: String(whole) };
  const plugins = whole ? [] : [withoutUnneeded];
  const made = await build({ ...options, define, plugins, entryPoints: [join(sources, entry)], format: "esm", external: [COMMON] });
  const common = [];
  const modules = made.outputFiles[0].text
    .replace(/^import .*$/gm, (line) => (common.push(line), ""))
    .replace(/export \{\s*(\w+)\s*\};\s*$/, "return $1;");
  const contents = `import { start } from "./start.js";\n${common.join("\n")}\nstart(() => {\n${modules}\n});`;
  const stdin = { contents, resolveDir: sources, sourcefile: entry };
  const bundled = await build({ ...options, define, stdin, format: "iife" });
  return bundled.outputFiles[0].text;
}

async function tracker(file, entry, whole) {
  const { code } = await minify(await bundle(entry, whole), SMALLEST);
  await writeFile(file, code);
}

export const trackers = (into) =>
  Promise.all([tracker(join(into, "matomo.js"), "whole.js", true), tracker(join(into, "matomo-core.js"), "core.js", false)]);
