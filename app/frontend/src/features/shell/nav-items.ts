import { Calendar, CalendarRange, Inbox, type LucideIcon, Settings, Sun } from "lucide-react";
import type { Route } from "next";

export interface NavItem {
  href: Route;
  label: string;
  icon: LucideIcon;
  /** Its shortcut. */
  keys: string;
}

export const NAV_ITEMS: readonly NavItem[] = [
  { href: "/", label: "Tasks", icon: Inbox, keys: "g t" },
  { href: "/today" as Route, label: "Today", icon: Sun, keys: "g d" },
  { href: "/upcoming" as Route, label: "Upcoming", icon: CalendarRange, keys: "g u" },
  { href: "/calendar" as Route, label: "Calendar", icon: Calendar, keys: "g c" },
];

export const SETTINGS_ITEM: NavItem = { href: "/settings", label: "Settings", icon: Settings, keys: "g s" };

export function isCurrent({ href }: Pick<NavItem, "href">, pathname: string): boolean {
  return href === "/" ? pathname === "/" : pathname === href || pathname.startsWith(`${href}/`);
}
