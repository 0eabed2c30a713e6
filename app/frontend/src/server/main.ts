/** The server: Next's request handler with its static files, JSON logs, and a clean start and stop. */

import { createServer, type ServerResponse } from "node:http";
import next from "next";
import sirv from "sirv";
import { ConfigError, getConfig } from "./config";
import { logConsole } from "./console";
import { ASKED_NODE_ENV, ROOT } from "./environment";
import { observe } from "./exchange";
import { describeError, log } from "./log";

const YEAR_SECONDS = 365 * 24 * 60 * 60;

async function main(): Promise<void> {
  logConsole();
  const { hostname, port, keepAliveTimeoutMs } = getConfig().listen;
  if (ASKED_NODE_ENV !== "production") {
    log("warn", `NODE_ENV is ${ASKED_NODE_ENV}, but the server is built for production and runs as such`);
  }

  const app = next({ dev: false, dir: ROOT, hostname, port, quiet: true });
  await app.prepare();
  const handle = app.getRequestHandler();
  const assets = sirv("assets", {
    brotli: true,
    gzip: true,
    immutable: true,
    maxAge: YEAR_SECONDS,
    setHeaders: (response) => response.setHeader("x-content-type-options", "nosniff"),
  });

  let isStopping = false;
  const open = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    observe(request, response);
    open.add(response);
    response.once("close", () => open.delete(response));
    response.once("finish", () => {
      if (isStopping) {
        // A connection that is kept alive has nothing more to say.
        setImmediate(() => server.closeIdleConnections());
      }
    });
    assets(request, response, () => handle(request, response));
  });
  server.keepAliveTimeout = keepAliveTimeoutMs;

  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
      isStopping = true;
      log("info", "stopping: no new connections, ending requests", { signal });
      // A stream could last longer than there is time. Whoever reads it goes on at another server.
      for (const response of open) {
        if (response.getHeader("content-type")?.toString().startsWith("text/event-stream")) {
          response.end();
        }
      }
      server.close(async () => {
        await app.close();
        log("info", "stopped");
        process.exit(0);
      });
    });
  }
  server.on("error", refuse);
  server.listen(port, hostname, () => log("info", "listening", { hostname, port }));
}

function refuse(error: unknown): never {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) {
      log("error", problem);
    }
  } else {
    log("error", "the server can't start", describeError(error));
  }
  process.exit(1);
}

main().catch(refuse);
