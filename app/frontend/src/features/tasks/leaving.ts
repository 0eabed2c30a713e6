import { useSyncExternalStore } from "react";

let ids: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

/** The tasks that are not shown any more: being deleted, or about to be. */
export function useLeaving(): ReadonlySet<string> {
  return useSyncExternalStore(
    subscribe,
    () => ids,
    () => ids,
  );
}

/** Hides tasks; the result shows them again. */
export function hide(gone: Iterable<string>): () => void {
  const hidden = new Set(gone);
  update(new Set([...ids, ...hidden]));
  return () => update(new Set([...ids].filter((id) => !hidden.has(id))));
}

function update(next: ReadonlySet<string>): void {
  ids = next;
  for (const listener of listeners) {
    listener();
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
