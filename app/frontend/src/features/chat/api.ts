import { client } from "@/api/generated/client.gen";

export interface ConversationRead {
  id: string;
  title: string | null;
  created_at: string;
  updated_at: string;
}

export interface MessageRead {
  id: string;
  role: "user" | "assistant" | "system";
  content: string;
  tool_name: string | null;
  tool_args: Record<string, unknown> | null;
  tool_result: unknown;
  tool_calls: { id: string; name: string; arguments: Record<string, unknown> }[] | null;
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

export function listMessages(conversation_id: string, { cursor, signal }: Reading): Promise<Page<MessageRead>> {
  const url = "/conversations/{conversation_id}/messages";
  return client.get({ url, path: { conversation_id }, query: { cursor }, signal, responseStyle: "data" }) as never;
}

export async function renameConversation(conversation_id: string, title: string): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  await client.patch({ url: "/conversations/{conversation_id}", path: { conversation_id }, body: { title }, headers });
}

export async function deleteConversation(conversation_id: string): Promise<void> {
  await client.delete({ url: "/conversations/{conversation_id}", path: { conversation_id } });
}
