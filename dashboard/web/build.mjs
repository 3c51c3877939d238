// Builds dashboard/static/ (scripts, styles, flags; names carry a hash of the content, manifest.json knows them)
// and ingest/built/ (the country database, the tracker of websites). Run by `npm run build`.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { trackers } from "./trackers.mjs";

const web = dirname(fileURLToPath(import.meta.url));
const root = join(web, "../..");
const modules = join(root, "node_modules");
const statics = join(root, "dashboard/static");
const ingest = join(root, "ingest/built");
const trackerSources = join(root, "ingest/tracker");
const countries = "@ip-location-db/geo-whois-asn-country-mmdb";

const NOTICE = `country.mmdb comes from the npm package ${countries}, whose author waives his rights (CC0 1.0).
It is made of statistics of the Number Resource Organization (NRO, nro.net), CC BY 4.0:
https://creativecommons.org/licenses/by/4.0/
`;

async function bundle() {
  const { metafile } = await build({
    entryPoints: [join(web, "app.js"), join(web, "app.css")],
    outdir: statics,
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["chrome123", "firefox120", "safari17.5"],
    minify: true,
    legalComments: "linked",
    metafile: true,
    absWorkingDir: root,
    logLevel: "warning",
  });
  const entries = Object.entries(metafile.outputs).filter(([, output]) => output.entryPoint?.startsWith("dashboard/web/app"));
  return entries.map(([path, output]) => [basename(output.entryPoint), basename(path)]);
}

async function hashed(source, folder, name = basename(source), content = undefined) {
  content ??= await readFile(source);
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8);
  const built = join(folder, `${basename(name, extname(name))}-${hash}${extname(name)}`);
  await writeFile(join(statics, built), content);
  return [join(folder, name), built];
}

// The opt-out that websites carry in their own pages; the dashboard gives it its words.
async function snippet() {
  const source = join(web, "opt-out-snippet.js");
  const options = { bundle: true, format: "iife", target: "es2017", minify: true, write: false, logLevel: "warning" };
  const { outputFiles } = await build({ ...options, entryPoints: [source] });
  return hashed(source, "", basename(source), outputFiles[0].text);
}

async function flags() {
  const folder = join(modules, "country-flag-icons/3x2");
  await mkdir(join(statics, "flags"));
  const files = (await readdir(folder)).filter((name) => /^[A-Z]{2}\.svg$/.test(name)).sort();
  return Promise.all(files.map((name) => hashed(join(folder, name), "flags", name.toLowerCase())));
}

// What their licences ask of whoever passes them on, as a wheel does.
async function licences() {
  const files = ["echarts/LICENSE", "echarts/NOTICE", "zrender/LICENSE", "tslib/LICENSE.txt", "htmx.org/LICENSE", "country-flag-icons/LICENSE"];
  const texts = await Promise.all(files.map(async (name) => `==== ${name}\n\n${await readFile(join(modules, name), "utf8")}`));
  await writeFile(join(statics, "licenses.txt"), texts.join("\n\n"));
}

async function countryDatabase() {
  await mkdir(ingest, { recursive: true });
  await cp(join(modules, countries, "geo-whois-asn-country.mmdb"), join(ingest, "country.mmdb"));
  await writeFile(join(ingest, "country.txt"), NOTICE);
}

// The opt-out of privacy notices: the script of the collector's page, and the one that websites load.
async function optOut() {
  await build({
    entryPoints: ["opt-out-frame.js", "opt-out-script.js"].map((name) => join(trackerSources, name)),
    outdir: ingest,
    bundle: true,
    format: "iife",
    target: "es2017",
    minify: true,
    logLevel: "warning",
  });
}

await rm(statics, { recursive: true, force: true });
await mkdir(statics, { recursive: true });
const names = [...(await bundle()), await hashed(join(web, "favicon.svg"), ""), await hashed(join(web, "opt-out-preview.js"), ""), await snippet(), ...(await flags())];
await Promise.all([countryDatabase(), trackers(ingest), optOut(), licences()]);
// Last, so that a build which was interrupted does not look finished.
await writeFile(join(statics, "manifest.json"), JSON.stringify(Object.fromEntries(names), null, 1) + "\n");
