"use client";

import { Keyboard, Search } from "lucide-react";
import dynamic from "next/dynamic";
import { useEffect, useState } from "react";

import { listenForShortcuts } from "./keyboard";
import { type AppCommand, availableCommands, useCommands } from "./registry";

const loadPalette = () => import("./command-palette");
const CommandPalette = dynamic(loadPalette, { ssr: false });
const ShortcutHelp = dynamic(() => import("./shortcut-help"), { ssr: false });

/** After the page itself, but before someone opens it and types at once. */
const PRELOAD_MS = 1_000;

type Shown = "palette" | "help";

let open: (shown: Shown) => void = () => undefined;

export const openPalette = (): void => open("palette");

const COMMANDS: readonly AppCommand[] = [
  {
    id: "palette",
    label: "Find a command",
    group: "App",
    icon: Search,
    keys: "mod+k",
    isOnlyShortcut: true,
    run: () => open("palette"),
  },
  { id: "help", label: "Keyboard shortcuts", group: "App", icon: Keyboard, keys: "?", run: () => open("help") },
];

/** The palette, the list of shortcuts, and the ear for both: once, in the app's layout. */
export function Commands() {
  const [shown, setShown] = useState<Shown>();
  useCommands(COMMANDS);
  useEffect(() => {
    open = setShown;
    return listenForShortcuts(availableCommands);
  }, []);
  useEffect(() => {
    const timer = setTimeout(loadPalette, PRELOAD_MS);
    return () => clearTimeout(timer);
  }, []);
  const close = () => setShown(undefined);
  return (
    <>
      {shown === "palette" && <CommandPalette onClose={close} />}
      {shown === "help" && <ShortcutHelp onClose={close} />}
    </>
  );
}
