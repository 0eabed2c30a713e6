import { useSyncExternalStore } from "react";

let isOpen = false;
const listeners = new Set<() => void>();

export function setChatOpen(next: boolean): void {
  isOpen = next;
  for (const listener of listeners) {
    listener();
  }
}

export function toggleChat(): void {
  setChatOpen(!isOpen);
}

/** Whether the chat is shown beside the page. */
export function useChatOpen(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => isOpen,
    () => false,
  );
}
