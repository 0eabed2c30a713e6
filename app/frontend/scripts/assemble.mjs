// Completes Next's standalone output: our server instead of its own, and the static files, compressed once for all.
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const standalone = ".next/standalone";
const assets = `${standalone}/assets/_next/static`;
const compressible = new Set([".css", ".js", ".json", ".svg"]);

execFileSync("node_modules/.bin/tsc", ["--project", "tsconfig.server.json"], { stdio: "inherit" });
// The environment comes first: Next and React look at it while they are loaded.
writeFileSync(`${standalone}/server.js`, 'require("./server/environment.js");\nrequire("./server/main.js");\n');

cpSync(".next/static", assets, { recursive: true });
for (const entry of readdirSync(assets, { recursive: true, withFileTypes: true })) {
  if (entry.isFile() && compressible.has(extname(entry.name))) {
    const path = join(entry.parentPath, entry.name);
    const content = readFileSync(path);
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
    writeFileSync(`${path}.gz`, gzipSync(content, { level: constants.Z_BEST_COMPRESSION }));
  }
}
