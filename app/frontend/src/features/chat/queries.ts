import { useInfiniteQuery } from "@tanstack/react-query";

import { listConversations, listMessages } from "./api";
import { toEntries } from "./entries";

export const CONVERSATIONS_KEY = ["conversations"] as const;
export const messagesKey = (conversationId: string | undefined) => [...CONVERSATIONS_KEY, conversationId, "messages"];

const FIRST = undefined as string | undefined;
const nextCursor = (page: { next_cursor: string | null }) => page.next_cursor ?? undefined;

/** Former conversations, the one used last first. */
export function useConversations() {
  const query = useInfiniteQuery({
    queryKey: CONVERSATIONS_KEY,
    queryFn: ({ pageParam, signal }) => listConversations({ cursor: pageParam, signal }),
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

/** What was said in a conversation, the oldest first. */
export function useEntries(conversationId: string | undefined) {
  const query = useInfiniteQuery({
    queryKey: messagesKey(conversationId),
    queryFn: ({ pageParam, signal }) => listMessages(conversationId ?? "", { cursor: pageParam, signal }),
    initialPageParam: FIRST,
    getNextPageParam: nextCursor,
    enabled: conversationId !== undefined,
  });
  return {
    entries: toEntries(query.data?.pages.flatMap((page) => page.items) ?? []),
    error: query.error,
    isLoading: query.isLoading,
    refetch: query.refetch,
    hasMore: query.hasNextPage,
    fetchMore: query.fetchNextPage,
  };
}
