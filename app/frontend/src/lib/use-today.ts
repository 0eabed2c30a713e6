import { useSyncExternalStore } from "react";

import { dayKey, MINUTE, startOfDay } from "./dates";

let today = startOfDay(new Date());

function subscribe(changed: () => void): () => void {
  const timer = setInterval(changed, MINUTE);
  return () => clearInterval(timer);
}

function read(): Date {
  const now = new Date();
  if (dayKey(now) !== dayKey(today)) {
    today = startOfDay(now);
  }
  return today;
}

/** The day it is, which changes at midnight. */
export function useToday(): Date {
  return useSyncExternalStore(subscribe, read, read);
}
