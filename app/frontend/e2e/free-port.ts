import { execFileSync } from "node:child_process";

const SCRIPT =
  "const server = require('net').createServer().listen(0, '127.0.0.1', () => {" +
  "console.log(server.address().port); server.close(); })";

/** A port that nothing listens on, found without waiting, as a configuration has to. */
export function freePort(): string {
  return execFileSync(process.execPath, ["-e", SCRIPT], { encoding: "utf8" }).trim();
}
