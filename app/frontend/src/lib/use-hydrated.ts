import { useSyncExternalStore } from "react";

const never = () => () => undefined;

/** False in what the server sent, true once the page reacts to input. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
