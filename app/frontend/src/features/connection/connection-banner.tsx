"use client";

import { onlineManager } from "@tanstack/react-query";
import { CloudOff } from "lucide-react";
import { useSyncExternalStore } from "react";

const subscribe = (changed: () => void) => onlineManager.subscribe(changed);

/** Says that the app can't be reached, for as long as that is so. */
export function ConnectionBanner() {
  const isOnline = useSyncExternalStore(
    subscribe,
    () => onlineManager.isOnline(),
    () => true,
  );
  return (
    <div role="status" className="sticky top-0 z-10">
      {!isOnline && (
        <p className="flex animate-appear items-center justify-center gap-2.5 bg-warning-soft px-4 py-2.5 text-sm text-warning">
          <CloudOff aria-hidden className="size-4 shrink-0" />
          The app can't be reached right now. What you have typed is kept, and this page goes on by itself.
        </p>
      )}
    </div>
  );
}
