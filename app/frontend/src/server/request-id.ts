import { randomUUID } from "node:crypto";

export const REQUEST_ID_HEADER = "x-request-id";

/** The caller's id when it is safe to log and pass on, otherwise a new one. */
export function requestId(received: string | null | undefined): string {
  return received && /^[\w.-]{1,128}$/.test(received) ? received : randomUUID();
}
