"use client";

import { LogOut, Moon } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo } from "react";

import { useSignOut } from "@/features/auth/use-sign-out";
import { type AppCommand, useCommands } from "@/features/commands/registry";
import { setTheme } from "@/features/theme/use-theme";
import { NAV_ITEMS, SETTINGS_ITEM } from "./nav-items";

/** What can be asked for on every page. */
export function ShellCommands() {
  const router = useRouter();
  const { signOut } = useSignOut();
  const commands = useMemo(
    (): AppCommand[] => [
      ...[...NAV_ITEMS, SETTINGS_ITEM].map(
        ({ href, label, icon, keys }): AppCommand => ({
          id: href,
          label,
          group: "Go to",
          icon,
          keys,
          run: () => router.push(href),
        }),
      ),
      {
        id: "theme",
        label: "Switch between light and dark",
        group: "App",
        icon: Moon,
        keywords: "theme mode appearance",
        run: () => setTheme(isDark() ? "light" : "dark"),
      },
      { id: "sign-out", label: "Sign out", group: "App", icon: LogOut, run: signOut },
    ],
    [router, signOut],
  );
  useCommands(commands);
  return null;
}

function isDark(): boolean {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}
