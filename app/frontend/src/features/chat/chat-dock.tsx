"use client";

import { MessageCircle } from "lucide-react";
import dynamic from "next/dynamic";

import { type AppCommand, useCommands } from "@/features/commands/registry";
import { ChatButton } from "./chat-button";
import { toggleChat, useChatOpen } from "./panel-state";

const ChatPanel = dynamic(() => import("./chat-panel"), { ssr: false });

const COMMANDS: readonly AppCommand[] = [
  { id: "chat", label: "Chat", group: "Chat", icon: MessageCircle, keys: "c", keywords: "assistant", run: toggleChat },
];

/** Where the chat is: beside the page, or over it on a phone. */
export function ChatDock() {
  const isOpen = useChatOpen();
  useCommands(COMMANDS);
  return isOpen ? (
    <ChatPanel />
  ) : (
    <div className="fixed top-3 right-4 z-20 hidden lg:block">
      <ChatButton />
    </div>
  );
}
