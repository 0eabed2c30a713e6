"use client";

import { LogOut, Menu, Search } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useState } from "react";

import { Brand } from "@/components/brand";
import { Button } from "@/components/ui/button";
import { Sheet } from "@/components/ui/sheet";
import { useSignOut } from "@/features/auth/use-sign-out";
import { ChatButton } from "@/features/chat/chat-button";
import { openPalette } from "@/features/commands/commands";
import { cn } from "@/lib/cn";
import { useHydrated } from "@/lib/use-hydrated";
import { isCurrent, NAV_ITEMS, SETTINGS_ITEM } from "./nav-items";
import { NavLink } from "./nav-link";
import { SavedViews } from "./saved-views";

/** Above the page on a phone. */
export function PhoneHeader({ appName }: { appName: string }) {
  const isReady = useHydrated();
  return (
    <header className="flex h-14 items-center gap-1 px-4 lg:hidden">
      <div className="min-w-0 grow">
        <Brand name={appName} />
      </div>
      <Button variant="ghost" size="icon" aria-label="Find" disabled={!isReady} onClick={openPalette}>
        <Search aria-hidden />
      </Button>
      <ChatButton />
    </header>
  );
}

const ITEM =
  "flex h-14 cursor-pointer flex-col items-center justify-center gap-1 text-[0.7rem] [&_svg]:size-5 [&_svg]:shrink-0";

/** The way around on a phone, where the thumb is. */
export function PhoneBar() {
  const isReady = useHydrated();
  const pathname = usePathname();
  const [isOpen, setOpen] = useState(false);
  const { signOut, isLeaving } = useSignOut();
  const close = () => setOpen(false);
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-20 border-t bg-background/95 pb-[env(safe-area-inset-bottom)] backdrop-blur lg:hidden"
    >
      <ul className="mx-auto grid max-w-lg grid-cols-5">
        {NAV_ITEMS.map((item) => {
          const isHere = isCurrent(item, pathname);
          return (
            <li key={item.href}>
              <Link
                href={item.href}
                aria-current={isHere ? "page" : undefined}
                className={cn(ITEM, isHere ? "font-medium text-primary" : "text-muted-foreground")}
              >
                <item.icon aria-hidden strokeWidth={1.9} />
                {item.label}
              </Link>
            </li>
          );
        })}
        <li>
          <button
            type="button"
            disabled={!isReady}
            aria-haspopup="dialog"
            onClick={() => setOpen(true)}
            className={cn(ITEM, "w-full text-muted-foreground")}
          >
            <Menu aria-hidden strokeWidth={1.9} />
            More
          </button>
        </li>
      </ul>
      <Sheet open={isOpen} onClose={close} side="bottom" title="More">
        <div className="grid gap-0.5 overflow-y-auto px-4 pb-6">
          <NavLink item={SETTINGS_ITEM} onNavigate={close} />
          <Button
            variant="ghost"
            size="nav"
            className="justify-start gap-3 px-2.5 font-normal"
            disabled={isLeaving}
            onClick={signOut}
          >
            <LogOut aria-hidden />
            Sign out
          </Button>
          <SavedViews onNavigate={close} />
        </div>
      </Sheet>
    </nav>
  );
}
