"use client";

import { MessageCircle } from "lucide-react";

import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { useHydrated } from "@/lib/use-hydrated";
import { toggleChat, useChatOpen } from "./panel-state";

/** Opens and closes the chat. */
export function ChatButton({ className }: { className?: string }) {
  const isReady = useHydrated();
  const isOpen = useChatOpen();
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label="Chat"
      aria-expanded={isOpen}
      disabled={!isReady}
      onClick={toggleChat}
      className={cn(isOpen && "bg-muted text-primary", className)}
    >
      <MessageCircle aria-hidden />
    </Button>
  );
}
