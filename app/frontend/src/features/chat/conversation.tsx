"use client";

import { Sparkles } from "lucide-react";
import { type ReactNode, useLayoutEffect, useRef, useSyncExternalStore } from "react";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { Confirmation } from "./confirmation";
import { EntryView } from "./entry-view";
import { useEntries } from "./queries";
import { chat } from "./session";
import type { Turn } from "./turn";

const NEAR_PX = 80;

/** What was said, what is being said, and what waits for an answer. */
export function Conversation() {
  const { conversationId, turn } = useSyncExternalStore(chat.subscribe, chat.get, chat.get);
  const { entries, error, isLoading, refetch, hasMore, fetchMore } = useEntries(conversationId);
  const stored = withoutTurn(entries, turn);
  const isEmpty = stored.length === 0 && !turn;
  return (
    <Scroller follows={turn?.parts}>
      {isLoading && !turn && <Skeleton className="h-24" />}
      {error && (
        <Alert>
          {error.message}
          <Button variant="outline" size="small" onClick={() => refetch()}>
            Try again
          </Button>
        </Alert>
      )}
      {isEmpty && !isLoading && !error && <Welcome />}
      {hasMore && (
        <Button variant="ghost" size="small" className="self-center" onClick={() => fetchMore()}>
          Show earlier messages
        </Button>
      )}
      {/* Told as it comes, but not each word on its own. */}
      <div
        role="log"
        aria-label="Conversation"
        aria-busy={turn?.status === "running"}
        className="grid gap-4 empty:hidden"
      >
        {stored.map((entry) => (
          <EntryView key={entry.id} by={entry.role} parts={entry.parts} />
        ))}
        {turn?.question && <EntryView by="user" parts={[{ type: "text", text: turn.question }]} />}
        {turn && <TurnView turn={turn} />}
      </div>
    </Scroller>
  );
}

function TurnView({ turn }: { turn: Turn }) {
  const { confirmation, failure } = turn;
  return (
    <>
      {turn.parts.length > 0 && <EntryView by="assistant" parts={turn.parts} isRunning={turn.status !== "ended"} />}
      {turn.status === "running" && turn.parts.at(-1)?.type !== "text" && <Thinking />}
      {turn.status === "waiting" && (
        <p className="text-muted-foreground text-sm">The connection is cut. This goes on as soon as it is back.</p>
      )}
      {confirmation && turn.status === "ended" && (
        <Confirmation
          summary={confirmation.summary}
          onAnswer={(isAllowed) => chat.confirm(confirmation.id, isAllowed)}
        />
      )}
      {failure && turn.status === "ended" && (
        <Alert>
          <span className="wrap-anywhere">{failure.message}</span>
          {failure.isRetryable && (
            <Button variant="outline" size="small" onClick={() => chat.retry()}>
              Try again
            </Button>
          )}
        </Alert>
      )}
    </>
  );
}

function Thinking() {
  return (
    <p className="flex items-center gap-1 py-1">
      <span className="sr-only">The assistant is thinking</span>
      {["", "[animation-delay:150ms]", "[animation-delay:300ms]"].map((delay) => (
        <span key={delay} aria-hidden className={`size-1.5 animate-pulse rounded-full bg-muted-foreground ${delay}`} />
      ))}
    </p>
  );
}

const SUGGESTIONS = ["What is due today?", "Add “Water the plants” for tomorrow", "What is overdue?"];

function Welcome() {
  return (
    <div className="my-auto grid justify-items-center gap-5 px-4 py-10 text-center">
      <span className="grid size-12 place-items-center rounded-full bg-muted text-muted-foreground">
        <Sparkles aria-hidden className="size-6" strokeWidth={1.75} />
      </span>
      <div>
        <h3 className="font-medium">What can I do for you?</h3>
        <p className="mt-1 text-balance text-muted-foreground text-sm">
          I find, add, change and complete tasks. Before I delete something I ask.
        </p>
      </div>
      <ul className="grid gap-2">
        {SUGGESTIONS.map((text) => (
          <li key={text}>
            <Button variant="outline" className="font-normal" onClick={() => chat.send(text)}>
              {text}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Stays at the end while someone reads there, and leaves them alone where they have scrolled to. */
function Scroller({ follows, children }: { follows: unknown; children: ReactNode }) {
  const ref = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever is new may have made it longer
  useLayoutEffect(() => {
    if (ref.current && isAtEnd.current) {
      ref.current.scrollTop = ref.current.scrollHeight;
    }
  }, [follows, children]);
  return (
    <section
      ref={ref}
      aria-label="Messages"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard has to be able to scroll it
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
      }}
      className="flex min-h-0 grow flex-col gap-4 overflow-y-auto p-4 outline-offset-[-2px]"
    >
      {children}
    </section>
  );
}

/** The stored messages may hold what the turn shows already. */
function withoutTurn<Entry extends { id: string; role: string }>(entries: readonly Entry[], turn: Turn | undefined) {
  if (!turn) {
    return entries;
  }
  const index = entries.findIndex((entry) => entry.id === turn.messageId || entry.id === turn.questionId);
  return index < 0 ? entries : entries.slice(0, index);
}
