/** What comes over the stream of an answer, by its event's name. */
export type ChatEvent =
  | { type: "start"; conversation_id: string; message_id: string; user_message_id: string | null }
  | { type: "text"; text: string }
  | { type: "tool_call"; id: string; name: string; arguments: Record<string, unknown> }
  | { type: "tool_result"; id: string; name: string; result: unknown; is_error: boolean }
  | { type: "confirmation"; id: string; name: string; arguments: Record<string, unknown>; summary: string }
  | { type: "error"; code: string; message: string; retryable: boolean; retry_after: number | null }
  | { type: "done"; reason: "answered" | "confirmation" | "limit" | "error"; provider: string };

type Kind = ChatEvent["type"];

const KINDS: ReadonlySet<string> = new Set<Kind>([
  "start",
  "text",
  "tool_call",
  "tool_result",
  "confirmation",
  "error",
  "done",
]);

/** The event, or undefined for one of a kind that a newer server may send. */
export function parseEvent(name: string | undefined, data: string): ChatEvent | undefined {
  return name !== undefined && KINDS.has(name)
    ? { ...(JSON.parse(data) as ChatEvent), type: name as never }
    : undefined;
}
