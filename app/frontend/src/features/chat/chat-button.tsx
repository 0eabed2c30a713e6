"use client";

import { MessageCircle } from "lucide-react";

import { Button } from "@/components/ui/button";
import { useHydrated } from "@/lib/use-hydrated";
import { toggleChat, useChatOpen } from "./panel-state";

/** Opens and closes the chat. */
export function ChatButton() {
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
      className={isOpen ? "bg-muted text-primary" : undefined}
    >
      <MessageCircle aria-hidden />
    </Button>
  );
}
