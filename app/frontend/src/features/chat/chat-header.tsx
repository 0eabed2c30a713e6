"use client";

import { ArrowLeft, History, SquarePen, X } from "lucide-react";

import { Button } from "@/components/ui/button";
import { Tooltip } from "@/components/ui/tooltip";
import { chat } from "./session";

interface ChatHeaderProps {
  isHistory: boolean;
  onHistory: (isHistory: boolean) => void;
  onClose: () => void;
}

export function ChatHeader({ isHistory, onHistory, onClose }: ChatHeaderProps) {
  return (
    <header className="flex h-14 shrink-0 items-center gap-1 border-b pr-3 pl-4">
      {isHistory && (
        <Button
          variant="ghost"
          size="icon"
          aria-label="Back to the chat"
          onClick={() => onHistory(false)}
          className="-ml-2"
        >
          <ArrowLeft aria-hidden />
        </Button>
      )}
      <h2 className="grow truncate font-semibold tracking-tight">{isHistory ? "Conversations" : "Chat"}</h2>
      <Tooltip label="New conversation">
        <Button
          variant="ghost"
          size="icon"
          aria-label="New conversation"
          onClick={() => {
            chat.open(undefined);
            onHistory(false);
          }}
        >
          <SquarePen aria-hidden />
        </Button>
      </Tooltip>
      {!isHistory && (
        <Tooltip label="Conversations">
          <Button variant="ghost" size="icon" aria-label="Conversations" onClick={() => onHistory(true)}>
            <History aria-hidden />
          </Button>
        </Tooltip>
      )}
      <Tooltip label="Close" keys="escape">
        <Button variant="ghost" size="icon" aria-label="Close the chat" onClick={onClose}>
          <X aria-hidden />
        </Button>
      </Tooltip>
    </header>
  );
}
