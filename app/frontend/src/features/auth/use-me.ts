import { useQuery } from "@tanstack/react-query";

import { readMe } from "@/api";

export const ME_KEY = ["me"] as const;

/** The user who is signed in. */
export function useMe() {
  return useQuery({
    queryKey: ME_KEY,
    queryFn: ({ signal }) => readMe({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
