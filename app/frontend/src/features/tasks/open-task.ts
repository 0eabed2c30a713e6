import { useSearchParams } from "next/navigation";

const PARAM = "task";

/** Which task the page shows whole: it is part of the address, so that the way back closes it. */
export function useOpenTask(): string | null {
  return useSearchParams().get(PARAM);
}

export function openTask(id: string): void {
  const url = new URL(window.location.href);
  url.searchParams.set(PARAM, id);
  window.history.pushState({ isTaskOpened: true }, "", url);
}

export function closeTask(): void {
  if ((window.history.state as { isTaskOpened?: boolean } | null)?.isTaskOpened) {
    window.history.back();
    return;
  }
  const url = new URL(window.location.href);
  url.searchParams.delete(PARAM);
  window.history.replaceState(null, "", url);
}
