"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";

import { cn } from "@/lib/cn";
import { isCurrent, type NavItem } from "./nav-items";

interface NavLinkProps {
  item: Pick<NavItem, "href" | "label" | "icon">;
  onNavigate?: () => void;
}

/** A line of the sidebar. */
export function NavLink({ item, onNavigate }: NavLinkProps) {
  const { href, label, icon: Icon } = item;
  const isHere = isCurrent(item, usePathname());
  return (
    <Link
      href={href}
      // A page is made for each request: asked for ahead, it would be asked for twice.
      prefetch={false}
      aria-current={isHere ? "page" : undefined}
      {...(onNavigate && { onClick: onNavigate })}
      className={cn(
        "flex h-9 items-center gap-3 rounded-md px-2.5 text-sm transition-colors",
        isHere
          ? "bg-muted font-medium text-foreground"
          : "text-muted-foreground hover:bg-muted/60 hover:text-foreground",
      )}
    >
      <Icon aria-hidden className={cn("size-4.5 shrink-0", isHere && "text-primary")} strokeWidth={1.9} />
      <span className="truncate">{label}</span>
    </Link>
  );
}
