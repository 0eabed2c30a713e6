"use client";

import { Search } from "lucide-react";

import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { openPalette } from "@/features/commands/commands";
import { useHydrated } from "@/lib/use-hydrated";

export function PaletteButton() {
  return (
    <Button
      variant="outline"
      disabled={!useHydrated()}
      onClick={openPalette}
      className="w-full justify-start font-normal text-muted-foreground"
      size="nav"
    >
      <Search aria-hidden />
      <span className="grow text-left">Find</span>
      <Kbd keys="mod+k" />
    </Button>
  );
}
