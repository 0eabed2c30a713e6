"use client";

import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useEffect, useState } from "react";

import { useModal } from "@/components/ui/dialog";
import { useMediaQuery } from "@/lib/use-media-query";
import { ChatHeader } from "./chat-header";
import { Composer } from "./composer";
import { Conversation } from "./conversation";
import { History } from "./history";
import { setChatOpen } from "./panel-state";
import { CHAT_KEY, CONVERSATIONS_KEY, conversationKey } from "./queries";
import { chat } from "./session";

const close = () => setChatOpen(false);

/** Talks with the assistant, beside the page. */
export default function ChatPanel() {
  const isPhone = useMediaQuery("(width < 64rem)");
  const [isHistory, setHistory] = useState(false);
  useChatConnection();
  const Frame = isPhone ? PhoneFrame : DesktopFrame;
  return (
    <Frame>
      <ChatHeader isHistory={isHistory} onHistory={setHistory} onClose={close} />
      {isHistory ? (
        <History onLeave={() => setHistory(false)} />
      ) : (
        <>
          <Conversation />
          <Composer />
        </>
      )}
    </Frame>
  );
}

/** The whole screen. */
function PhoneFrame({ children }: { children: ReactNode }) {
  return (
    <dialog
      {...useModal(close)}
      aria-label="Chat"
      className="m-0 h-dvh max-h-none w-dvw max-w-none animate-slide-up flex-col bg-background text-foreground open:flex"
    >
      {children}
    </dialog>
  );
}

function DesktopFrame({ children }: { children: ReactNode }) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.defaultPrevented) {
      close();
    }
  };
  return (
    <aside
      aria-label="Chat"
      onKeyDown={onKeyDown}
      className="fixed inset-y-0 right-0 z-20 flex h-dvh w-96 animate-appear flex-col border-l bg-sidebar shadow-xl xl:sticky xl:top-0 xl:shrink-0 xl:shadow-none"
    >
      {children}
    </aside>
  );
}

/** Tells the rest of the page what the chat does. */
function useChatConnection(): void {
  const client = useQueryClient();
  useEffect(() => {
    chat.connect({
      onToolUsed: () => void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== CHAT_KEY[0] }),
      onAnswered: async (conversationId) => {
        void client.invalidateQueries({ queryKey: CONVERSATIONS_KEY });
        const queryKey = conversationKey(conversationId);
        await client.refetchQueries({ queryKey });
        return client
          .getQueryCache()
          .findAll({ queryKey })
          .every(({ state }) => state.status === "success");
      },
      onSignedOut: () => window.location.replace("/sign-in?ended=1"),
    });
  }, [client]);
}
