"use client";

import { LogOut } from "lucide-react";

import { Button } from "@/components/ui/button";
import { Sheet } from "@/components/ui/sheet";
import { useSignOut } from "@/features/auth/use-sign-out";
import { SETTINGS_ITEM } from "./nav-items";
import { NavLink } from "./nav-link";
import { SavedViews } from "./saved-views";

/** On a phone, what the bar has no room for. */
export default function More({ onClose }: { onClose: () => void }) {
  const { signOut, isLeaving } = useSignOut();
  return (
    <Sheet open onClose={onClose} side="bottom" title="More">
      <div className="grid gap-0.5 overflow-y-auto px-4 pb-6">
        <NavLink item={SETTINGS_ITEM} onNavigate={onClose} />
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
        <SavedViews onNavigate={onClose} />
      </div>
    </Sheet>
  );
}
