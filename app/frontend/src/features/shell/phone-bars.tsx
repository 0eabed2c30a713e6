"use client";

import { Menu, Search } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useState } from "react";

import { Brand } from "@/components/brand";
import { Button } from "@/components/ui/button";
import { ChatButton } from "@/features/chat/chat-button";
import { openPalette } from "@/features/commands/commands";
import { cn } from "@/lib/cn";
import { useHydrated } from "@/lib/use-hydrated";
import { isCurrent, NAV_ITEMS } from "./nav-items";

const More = dynamic(() => import("./more"), { ssr: false });

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
                prefetch={false}
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
      {isOpen && <More onClose={() => setOpen(false)} />}
    </nav>
  );
}
