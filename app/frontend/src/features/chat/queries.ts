import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { listConversations, listMessages, readConversation } from "@/api";
import { toEntries } from "./entries";
import type { Turn } from "./turn";

const KEY = "conversations";
/** Of everything that the chat has stored. */
export const CHAT_KEY = [KEY] as const;
export const CONVERSATIONS_KEY = [KEY, "list"] as const;
export const conversationKey = (id: string | undefined) => [KEY, "one", id] as const;

const FIRST = undefined as string | undefined;
const nextCursor = (page: { next_cursor?: string | null }) => page.next_cursor ?? undefined;

/** Former conversations, the one used last first. */
export function useConversations() {
  const query = useInfiniteQuery({
    queryKey: CONVERSATIONS_KEY,
    queryFn: ({ pageParam, signal }) => listConversations({ query: { cursor: pageParam }, signal }),
    initialPageParam: FIRST,
    getNextPageParam: nextCursor,
  });
  return {
    conversations: query.data?.pages.flatMap((page) => page.items),
    error: query.error,
    hasMore: query.hasNextPage,
    fetchMore: query.fetchNextPage,
    isFetching: query.isFetching,
  };
}

/** What was said in a conversation, the oldest first, without what is being said now; and how its last answer stands. */
export function useConversation(id: string | undefined, live: Turn | undefined) {
  const details = useQuery({
    queryKey: conversationKey(id),
    queryFn: ({ signal }) => readConversation({ path: { conversation_id: id ?? "" }, signal }),
    enabled: id !== undefined,
  });
  const messages = useInfiniteQuery({
    queryKey: [...conversationKey(id), "messages"],
    queryFn: ({ pageParam, signal }) =>
      listMessages({ path: { conversation_id: id ?? "" }, query: { cursor: pageParam }, signal }),
    initialPageParam: FIRST,
    getNextPageParam: nextCursor,
    enabled: id !== undefined,
  });
  const isLive = (message: { turn_id: string | null; role: string }) =>
    message.turn_id === live?.messageId && (message.role !== "user" || live?.question !== undefined);
  const stored = messages.data?.pages.flatMap((page) => page.items) ?? [];
  return {
    entries: toEntries(live?.messageId === undefined ? stored : stored.filter((message) => !isLive(message))),
    lastTurn: details.data?.turn,
    error: messages.error ?? details.error,
    isLoading: messages.isLoading,
    refetch: () => Promise.all([messages.refetch(), details.refetch()]),
    hasMore: messages.hasNextPage,
    fetchMore: messages.fetchNextPage,
  };
}
