// Writes how many milliseconds the built server takes from its start to its first answer, and how many Node.js itself.
import { spawn } from "node:child_process";
import { get } from "node:http";

const RUNS = 9;
const PORT = 13999;
const PAGE = `require("http").createServer((_, r) => r.end("<p>page</p>")).listen(${PORT}, "127.0.0.1")`;
const PROGRAMS = { page: ["-e", PAGE], app: [".next/standalone/server.js"] };
const env = {
  ...process.env,
  PORT: String(PORT),
  HOSTNAME: "127.0.0.1",
  BACKEND_INTERNAL_URL: "http://127.0.0.1:1",
};

function start(args) {
  return new Promise((resolve) => {
    const begun = performance.now();
    const child = spawn(process.execPath, args, { env, stdio: "ignore" });
    const ask = () => {
      const request = get({ host: "127.0.0.1", port: PORT, path: "/health", agent: false }, (answer) => {
        answer.resume();
        const milliseconds = performance.now() - begun;
        child.once("exit", () => resolve(milliseconds)).kill("SIGKILL");
      });
      request.once("error", () => setTimeout(ask, 2));
    };
    ask();
  });
}

const times = { page: [], app: [] };
for (let run = 0; run < RUNS; run++) {
  for (const [name, args] of Object.entries(PROGRAMS)) {
    times[name].push(Math.round(await start(args)));
  }
}
process.stdout.write(`${JSON.stringify(times)}\n`);
