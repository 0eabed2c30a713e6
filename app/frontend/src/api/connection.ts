import { onlineManager } from "@tanstack/react-query";

const POLL_MS = 2_000;

let waiting = false;

/**
 * Says that the app behind this page can't be reached. Queries and mutations then wait,
 * and go on as soon as it answers again.
 */
export function connectionLost(): void {
  onlineManager.setOnline(false);
  if (!waiting) {
    waiting = true;
    setTimeout(look, POLL_MS);
  }
}

async function look(): Promise<void> {
  const isBack = await fetch("/bff/status", { cache: "no-store" }).then(
    (response) => response.ok,
    () => false,
  );
  if (isBack) {
    waiting = false;
    onlineManager.setOnline(true);
  } else {
    setTimeout(look, POLL_MS);
  }
}
