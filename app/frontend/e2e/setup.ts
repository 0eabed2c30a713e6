import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { freePort } from "./free-port";

/** Starts the app with a backend and a database of its own, unless BASE_URL names one; the result ends it. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const { E2E_PORT: port, E2E_MAILS: mails = "", BASE_URL: url = "", PYTHON = "python3" } = process.env;
  if (!port) {
    return undefined;
  }
  const backendPort = freePort();
  const stack = start(PYTHON, ["-m", "tests.stack", backendPort, url, mails], { cwd: "../backend" });
  const app = start(process.execPath, [".next/standalone/server.js"], {
    env: {
      ...process.env,
      HOSTNAME: "127.0.0.1",
      PORT: port,
      BACKEND_INTERNAL_URL: `http://127.0.0.1:${backendPort}`,
      NEXT_PUBLIC_LOG_LEVEL: "error",
    },
  });
  process.env.E2E_BACKEND_STOP = `kill -USR1 ${stack.pid}`;
  process.env.E2E_BACKEND_START = `kill -USR2 ${stack.pid}`;
  const end = async () => {
    await Promise.all([app, stack].map(stop));
    await rm(mails, { recursive: true, force: true });
  };
  try {
    await ready(`http://127.0.0.1:${port}/bff/status`, [app, stack]);
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}

function start(command: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv }): ChildProcess {
  return spawn(command, args, { ...options, stdio: ["ignore", "inherit", "inherit"] });
}

async function ready(url: string, processes: readonly ChildProcess[]): Promise<void> {
  for (;;) {
    const isReady = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) {
      return;
    }
    if (processes.some((child) => child.exitCode !== null)) {
      throw new Error("The app could not be started. Is it built, and does PYTHON have the backend's requirements?");
    }
    await sleep(100);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
}
