import { useQuery } from "@tanstack/react-query";

import { listTags, type TagRead } from "@/api";
import { readAll } from "@/api/read-all";

export const TAGS_KEY = ["tags"] as const;

/** The longest name that the API takes. */
export const TAG_LENGTH = 100;

const NONE: readonly TagRead[] = [];

/** The user's tags, by name. */
export function useTags(): readonly TagRead[] {
  const { data } = useQuery({
    queryKey: TAGS_KEY,
    queryFn: ({ signal }) => readAll((cursor) => listTags({ query: { limit: 100, cursor }, signal })),
    staleTime: 60_000,
  });
  return data ?? NONE;
}
