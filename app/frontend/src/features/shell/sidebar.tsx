"use client";

import dynamic from "next/dynamic";

import { Brand } from "@/components/brand";
import { useMediaQuery } from "@/lib/use-media-query";
import { NAV_ITEMS, SETTINGS_ITEM } from "./nav-items";
import { NavLink } from "./nav-link";
import { PaletteButton } from "./palette-button";
import { SavedViews } from "./saved-views";

const AccountMenu = dynamic(() => import("./account-menu"), { ssr: false, loading: () => <div className="h-9" /> });

/** The way around, beside the page. */
export function Sidebar({ appName }: { appName: string }) {
  // What has to be asked for is not, where nobody would see it.
  const isSeen = useMediaQuery("(width >= 64rem)");
  return (
    <aside className="sticky top-0 hidden h-dvh w-60 shrink-0 flex-col border-r bg-sidebar lg:flex">
      <div className="flex h-16 shrink-0 items-center px-5">
        <Brand name={appName} />
      </div>
      <div className="px-3 pb-3">
        <PaletteButton />
      </div>
      <nav aria-label="Main" className="min-h-0 grow overflow-y-auto px-3 pb-4">
        <ul className="grid grid-cols-1 gap-0.5">
          {NAV_ITEMS.map((item) => (
            <li key={item.href}>
              <NavLink item={item} />
            </li>
          ))}
        </ul>
        {isSeen && <SavedViews />}
      </nav>
      <div className="grid grid-cols-1 gap-0.5 border-t p-3">
        <NavLink item={SETTINGS_ITEM} />
        {isSeen ? <AccountMenu /> : <div className="h-9" />}
      </div>
    </aside>
  );
}
