import type { MessageRead } from "@/api";
import type { ChatEvent } from "./events";

export interface TextPart {
  type: "text";
  text: string;
}

export interface ToolPart {
  type: "tool";
  id: string;
  name: string;
  arguments: Record<string, unknown>;
  /** Undefined while the tool is at work, or waits for a word. */
  outcome?: { result: unknown; isError: boolean };
}

export type Part = TextPart | ToolPart;

/** What one side said, with the tools that were used for it. */
export interface Entry {
  id: string;
  role: "user" | "assistant";
  parts: readonly Part[];
}

/** Adds what an event tells to the parts of an answer. */
export function addEvent(parts: readonly Part[], event: ChatEvent): readonly Part[] {
  switch (event.type) {
    case "text":
      return addText(parts, event.text);
    case "tool_call":
      return [...parts, { type: "tool", id: event.id, name: event.name, arguments: event.arguments }];
    case "tool_result": {
      const outcome = { result: event.result, isError: event.is_error };
      return parts.map((part) => (part.type === "tool" && part.id === event.id ? { ...part, outcome } : part));
    }
    default:
      return parts;
  }
}

function addText(parts: readonly Part[], text: string): readonly Part[] {
  const last = parts.at(-1);
  return last?.type === "text"
    ? parts.with(-1, { type: "text", text: last.text + text })
    : [...parts, { type: "text", text }];
}

/** The stored messages, newest first, as they were said; what one side said in a row is one entry. */
export function toEntries(messages: readonly MessageRead[]): Entry[] {
  const entries: Entry[] = [];
  for (const message of messages.toReversed()) {
    const role = message.role === "user" ? "user" : "assistant";
    const last = entries.at(-1);
    if (last && role === "assistant" && last.role === "assistant") {
      entries[entries.length - 1] = { ...last, parts: addMessage(last.parts, message) };
    } else {
      entries.push({ id: message.id, role, parts: addMessage([], message) });
    }
  }
  return entries.filter((entry) => entry.parts.length > 0);
}

function addMessage(parts: readonly Part[], message: MessageRead): readonly Part[] {
  const { tool_call_id: id, tool_name: name, tool_args, tool_result: result, is_error } = message;
  if (id && name) {
    const outcome = { result, isError: is_error ?? false };
    const index = parts.findIndex((part) => part.type === "tool" && part.id === id);
    const call: ToolPart = { type: "tool", id, name, arguments: tool_args ?? {}, outcome };
    return index < 0 ? [...parts, call] : parts.with(index, call);
  }
  const calls = (message.tool_calls ?? []).map((call) => ({ ...call, type: "tool" }) as ToolPart);
  const texts: TextPart[] = message.content ? [{ type: "text", text: message.content }] : [];
  return [...parts, ...texts, ...calls];
}
