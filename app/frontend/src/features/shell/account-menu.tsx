"use client";

import { ChevronsUpDown, LogOut, Monitor, Moon, Sun } from "lucide-react";

import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { useMe } from "@/features/auth/use-me";
import { useSignOut } from "@/features/auth/use-sign-out";
import { THEMES } from "@/features/theme/theme";
import { setTheme, useTheme } from "@/features/theme/use-theme";
import { useHydrated } from "@/lib/use-hydrated";

const THEME_NAMES = { system: "Same as the system", light: "Light", dark: "Dark" };
const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon };

/** Who is signed in, how it looks, and the way out. */
export default function AccountMenu() {
  const isReady = useHydrated();
  const me = useMe();
  const theme = useTheme();
  const { signOut, isLeaving } = useSignOut();
  const name = me.data?.username ?? me.data?.email ?? "";
  return (
    <DropdownMenu>
      <DropdownMenuTrigger
        variant="ghost"
        size="nav"
        disabled={!isReady || isLeaving}
        className="w-full justify-start px-2.5 font-normal"
      >
        <span
          aria-hidden
          className="grid size-5 shrink-0 place-items-center rounded-full bg-primary/15 font-semibold text-[0.65rem] text-primary uppercase"
        >
          {name.charAt(0)}
        </span>
        <span className="sr-only">Account</span>
        <span className="min-w-0 grow truncate text-left">{name}</span>
        <ChevronsUpDown aria-hidden />
      </DropdownMenuTrigger>
      <DropdownMenuContent label="Account" side="top" className="w-54">
        <DropdownMenuLabel>{me.data?.email}</DropdownMenuLabel>
        <DropdownMenuSeparator />
        <DropdownMenuLabel>Appearance</DropdownMenuLabel>
        {THEMES.map((value) => (
          <DropdownMenuItem
            key={value}
            icon={THEME_ICONS[value]}
            isChecked={theme === value}
            onSelect={() => setTheme(value)}
          >
            {THEME_NAMES[value]}
          </DropdownMenuItem>
        ))}
        <DropdownMenuSeparator />
        <DropdownMenuItem icon={LogOut} onSelect={signOut}>
          Sign out
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
