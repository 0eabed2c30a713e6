import { useSearchParams } from "next/navigation";
import { useCallback, useMemo } from "react";

import { type Filter, readFilter, writeFilter } from "./filter";

/** The filter in the page's address, and the way to change it. */
export function useFilter() {
  const params = useSearchParams();
  const text = params.toString();
  const filter = useMemo(() => readFilter(new URLSearchParams(text)), [text]);
  const setFilter = useCallback((next: Filter) => {
    const url = new URL(window.location.href);
    url.search = writeFilter(next).toString();
    window.history.replaceState(null, "", url);
  }, []);
  return { filter, setFilter };
}
