/** What Next's modules look at while they are loaded: loaded before them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of the standalone output. */
export const ROOT = join(__dirname, "..");

const { config } = JSON.parse(readFileSync(join(ROOT, ".next/required-server-files.json"), "utf8")) as {
  config: object;
};

/** What somebody asked for: this server is built for production, and runs as such. */
export const { NODE_ENV: ASKED_NODE_ENV = "production" } = process.env;

Object.assign(process.env, {
  NODE_ENV: "production",
  __NEXT_PRIVATE_STANDALONE_CONFIG: JSON.stringify(config),
});
process.chdir(ROOT);
