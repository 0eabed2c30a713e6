import { useQuery } from "@tanstack/react-query";

import { type CategoryRead, listCategories } from "@/api";
import { readAll } from "@/api/read-all";

export const CATEGORIES_KEY = ["categories"] as const;

const NONE: readonly CategoryRead[] = [];

/** The user's categories, by name. */
export function useCategories(): readonly CategoryRead[] {
  const { data } = useQuery({
    queryKey: CATEGORIES_KEY,
    queryFn: ({ signal }) => readAll((cursor) => listCategories({ query: { limit: 100, cursor }, signal })),
    staleTime: 60_000,
  });
  return data ?? NONE;
}
