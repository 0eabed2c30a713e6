import { onlineManager } from "@tanstack/react-query";

import { isUnavailable } from "@/api";
import { connectionLost } from "@/api/connection";
import { randomId } from "@/lib/random-id";
import type { ChatEvent } from "./events";
import { ask, resume, type Sent } from "./stream";

const PAUSES_MS = [200, 500, 1_000, 2_000];

/** The connection is cut, or there again. */
export interface ConnectionEvent {
  type: "cut" | "back";
}

interface Progress {
  /** Of the answer, once it is known. */
  messageId?: string | undefined;
  lastEventId?: string | undefined;
  /** In a row. */
  cuts: number;
}

/**
 * An answer to its end, however often the connection is cut on the way: to what is sent, or what is left of the answer
 * with an id. Throws an ApiError for a refusal.
 */
export async function* answerTo(asked: Sent | { messageId: string }): AsyncGenerator<ChatEvent | ConnectionEvent> {
  const key = randomId();
  const progress: Progress = { messageId: "messageId" in asked ? asked.messageId : undefined, cuts: 0 };
  for (;;) {
    try {
      for await (const event of read(asked as Sent, key, progress)) {
        yield event;
        if (event.type === "done") {
          return;
        }
      }
    } catch (error) {
      if (!isUnavailable(error)) {
        throw error;
      }
      connectionLost();
    }
    yield { type: "cut" };
    await pause(PAUSES_MS[Math.min(progress.cuts++, PAUSES_MS.length - 1)] ?? 0);
    await untilOnline();
    yield { type: "back" };
  }
}

/** What comes over one connection. */
async function* read(sent: Sent, key: string, progress: Progress): AsyncGenerator<ChatEvent> {
  const { messageId, lastEventId } = progress;
  for await (const { id, event } of messageId === undefined ? ask(sent, key) : resume(messageId, lastEventId)) {
    progress.cuts = 0;
    progress.lastEventId = id ?? progress.lastEventId;
    if (event.type === "start") {
      progress.messageId = event.message_id;
    }
    yield event;
  }
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

function untilOnline(): Promise<void> {
  return new Promise((resolve) => {
    if (onlineManager.isOnline()) {
      resolve();
      return;
    }
    const stop = onlineManager.subscribe((isOnline) => {
      if (isOnline) {
        stop();
        resolve();
      }
    });
  });
}
