import { EventSourceParserStream } from "eventsource-parser/stream";

import { ApiError } from "@/api";
import { type ChatEvent, parseEvent } from "./events";

export interface Sent {
  message?: string;
  conversation_id?: string | undefined;
  time_zone?: string;
  /** What the person says to calls that wait for a word. */
  confirm?: Readonly<Record<string, boolean>>;
  /** Answers this message once more. */
  retry_of?: string;
}

export interface StreamedEvent {
  id: string | undefined;
  event: ChatEvent;
}

/** Asks, and gives the answer as it comes about. Sent again with the same key, it is still asked once. */
export function ask(body: Sent, key: string): AsyncGenerator<StreamedEvent> {
  return stream("/bff/chat", {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify(body),
  });
}

/** Goes on with an answer after the last event that came. */
export function resume(messageId: string, lastEventId: string | undefined): AsyncGenerator<StreamedEvent> {
  return stream(`/bff/chat/${messageId}/events`, {
    headers: lastEventId === undefined ? {} : { "last-event-id": lastEventId },
  });
}

/** Ends without `done` when it is cut; throws an ApiError for an answer that is none, with status 0 for no answer. */
async function* stream(url: string, init: RequestInit): AsyncGenerator<StreamedEvent> {
  const response = await fetch(url, {
    ...init,
    cache: "no-store",
    headers: { ...init.headers, accept: "text/event-stream" },
  }).catch(() => {
    throw ApiError.from(undefined, undefined);
  });
  if (!(response.ok && response.body)) {
    throw ApiError.from(response.status, await response.json().catch(() => undefined));
  }
  const reader = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  try {
    for (;;) {
      const next = await reader.read().catch(() => undefined);
      if (!next?.value) {
        return;
      }
      const event = parseEvent(next.value.event, next.value.data);
      if (event) {
        yield { id: next.value.id, event };
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
