import type { ConnectionEvent } from "./answer";
import { addEvent, type Part } from "./entries";
import type { ChatEvent } from "./events";

/** What is being asked and answered now; later it is among the stored messages. */
export interface Turn {
  /** What the person wrote; none where they only said yes or no. */
  question?: string | undefined;
  parts: readonly Part[];
  /** `waiting` is for a connection. */
  status: "running" | "waiting" | "ended";
  /** What waits for the person's word. */
  confirmation?: { id: string; summary: string };
  failure?: { message: string; isRetryable: boolean };
  /** Of the answer, and of the message that it answers, as they are stored. */
  messageId?: string;
  questionId?: string | undefined;
}

export function applyEvent(turn: Turn, event: ChatEvent | ConnectionEvent): Turn {
  switch (event.type) {
    case "cut":
      return { ...turn, status: "waiting" };
    case "back":
      return { ...turn, status: "running" };
    case "start":
      return { ...turn, messageId: event.message_id, questionId: event.user_message_id ?? undefined };
    case "confirmation":
      return { ...turn, confirmation: event };
    case "error":
      return { ...turn, failure: { message: event.message, isRetryable: event.retryable } };
    case "done":
      return { ...turn, status: "ended" };
    default:
      return { ...turn, parts: addEvent(turn.parts, event) };
  }
}
