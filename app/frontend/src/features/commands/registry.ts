import type { LucideIcon } from "lucide-react";
import { useEffect, useSyncExternalStore } from "react";

export const GROUPS = ["Tasks", "Chat", "Go to", "App"] as const;

/** Something that a person can ask for, from the palette and with a shortcut. */
export interface AppCommand {
  id: string;
  label: string;
  group: (typeof GROUPS)[number];
  icon?: LucideIcon;
  /** A key, keys held together (`mod+k`, where mod is Ctrl or Command), or keys one after the other (`g t`). */
  keys?: string;
  /** Other words that find it. */
  keywords?: string;
  /** A shortcut that makes no sense in the palette, such as one for the row that has the focus. */
  isOnlyShortcut?: boolean;
  run: () => void;
}

let registered: ReadonlyMap<symbol, readonly AppCommand[]> = new Map();
let all: readonly AppCommand[] = [];
const NONE: readonly AppCommand[] = [];
const listeners = new Set<() => void>();

function update(change: (commands: Map<symbol, readonly AppCommand[]>) => void): void {
  const next = new Map(registered);
  change(next);
  registered = next;
  const order = (command: AppCommand) => GROUPS.indexOf(command.group);
  all = [...next.values()].flat().toSorted((one, other) => order(one) - order(other));
  for (const listener of listeners) {
    listener();
  }
}

/** What can be asked for at this moment. */
export const availableCommands = (): readonly AppCommand[] => all;

/** Offers commands for as long as the component is shown. Hand over the same list while nothing has changed. */
export function useCommands(commands: readonly AppCommand[]): void {
  useEffect(() => {
    const key = Symbol("commands");
    update((map) => map.set(key, commands));
    return () => update((map) => map.delete(key));
  }, [commands]);
}

export function useAvailableCommands(): readonly AppCommand[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    availableCommands,
    () => NONE,
  );
}
