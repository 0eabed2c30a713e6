import type { ConnectionEvent } from "./answer";
import { addEvent, type Part } from "./entries";
import type { ChatEvent } from "./events";

export interface Confirmation {
  /** Of the call that waits. */
  id: string;
  summary: string;
}

/** What is being asked and answered now; later it is among the stored messages. */
export interface Turn {
  /** What the person wrote; none where they only said yes or no. */
  question?: string | undefined;
  parts: readonly Part[];
  /** `waiting` is for a connection. */
  status: "running" | "waiting" | "ended";
  confirmations?: readonly Confirmation[];
  failure?: { message: string; isRetryable: boolean };
  /** Names the answer. */
  messageId?: string;
}

export function applyEvent(turn: Turn, event: ChatEvent | ConnectionEvent): Turn {
  switch (event.type) {
    case "cut":
      return { ...turn, status: "waiting" };
    case "back":
      return { ...turn, status: "running" };
    case "start":
      return { ...turn, messageId: event.message_id };
    case "confirmation":
      return { ...turn, confirmations: [...(turn.confirmations ?? []), event] };
    case "error":
      return { ...turn, failure: { message: event.message, isRetryable: event.retryable } };
    case "done":
      return { ...turn, status: "ended" };
    default:
      return { ...turn, parts: addEvent(turn.parts, event) };
  }
}
