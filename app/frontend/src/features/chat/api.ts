import { client } from "@/api/generated/client.gen";

export interface ConversationRead {
  id: string;
  title: string | null;
  created_at: string;
  updated_at: string;
}

export interface TurnState {
  id: string;
  status: "running" | "answered" | "confirmation" | "limit" | "error";
  error: { message: string; retryable: boolean } | null;
  confirmations: { id: string; summary: string }[];
}

export interface ConversationDetails extends ConversationRead {
  turn: TurnState | null;
}

export interface MessageRead {
  id: string;
  turn_id: string | null;
  role: "user" | "assistant" | "system";
  content: string;
  tool_calls: { id: string; name: string; arguments: Record<string, unknown> }[] | null;
  tool_call_id: string | null;
  tool_name: string | null;
  tool_args: Record<string, unknown> | null;
  tool_result: unknown;
  is_error: boolean | null;
  created_at: string;
}

interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

interface Reading {
  cursor: string | undefined;
  signal: AbortSignal;
}

export function listConversations({ cursor, signal }: Reading): Promise<Page<ConversationRead>> {
  return client.get({ url: "/conversations", query: { cursor }, signal, responseStyle: "data" }) as never;
}

export function readConversation(conversation_id: string, signal: AbortSignal): Promise<ConversationDetails> {
  const url = "/conversations/{conversation_id}";
  return client.get({ url, path: { conversation_id }, signal, responseStyle: "data" }) as never;
}

export function listMessages(conversation_id: string, { cursor, signal }: Reading): Promise<Page<MessageRead>> {
  const url = "/conversations/{conversation_id}/messages";
  return client.get({ url, path: { conversation_id }, query: { cursor }, signal, responseStyle: "data" }) as never;
}

export async function renameConversation(conversation_id: string, title: string): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  await client.patch({ url: "/conversations/{conversation_id}", path: { conversation_id }, body: { title }, headers });
}

/** Has an answer end that is being made. */
export async function stopAnswer(message_id: string): Promise<void> {
  await client.delete({ url: "/chat/{message_id}", path: { message_id } });
}

export async function deleteConversation(conversation_id: string): Promise<void> {
  await client.delete({ url: "/conversations/{conversation_id}", path: { conversation_id } });
}
