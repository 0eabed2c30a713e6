import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import {
  createFilter,
  deleteFilter,
  type FilterList,
  type FilterPatch,
  isUnavailable,
  listFilters,
  patchFilter,
} from "@/api";
import { type Filter, tidy } from "@/features/tasks/filter";
import { uniqueKey } from "@/lib/key";

const FILTERS_KEY = ["filters"] as const;

/** The filters that the user keeps under a name. */
export function useViews() {
  return useQuery({
    queryKey: FILTERS_KEY,
    queryFn: ({ signal }): Promise<FilterList> => listFilters({ signal }),
    staleTime: 60_000,
  });
}

/** Keeps, changes and forgets views. */
export function useViewActions() {
  const client = useQueryClient();
  const options = {
    retry: (_count: number, error: Error) => isUnavailable(error),
    onSuccess: () => client.invalidateQueries({ queryKey: FILTERS_KEY }),
  };
  const create = useMutation({
    ...options,
    mutationFn: ({ name, filter }: { name: string; filter: Filter }) =>
      createFilter({ body: { name, filter: tidy(filter) }, headers: { "Idempotency-Key": uniqueKey() } }),
  });
  const change = useMutation({
    ...options,
    mutationFn: ({ id, ...body }: FilterPatch & { id: string }) => patchFilter({ path: { filter_id: id }, body }),
  });
  const remove = useMutation({
    ...options,
    mutationFn: (id: string) => deleteFilter({ path: { filter_id: id } }),
  });
  return { create, change, remove };
}
