"use client";

import { Sparkles } from "lucide-react";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useSyncExternalStore } from "react";

import type { TurnState } from "@/api";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { Confirmations } from "./confirmations";
import { EntryView } from "./entry-view";
import { useConversation } from "./queries";
import { chat } from "./session";
import type { Confirmation, Turn } from "./turn";

const NEAR_PX = 80;

/** What was said, what is being said, and what waits for an answer. */
export function Conversation() {
  const { conversationId, turn } = useSyncExternalStore(chat.subscribe, chat.get, chat.get);
  const { entries, lastTurn, error, isLoading, refetch, hasMore, fetchMore } = useConversation(conversationId, turn);
  const isNew = entries.length === 0 && !turn;
  const running = !turn && lastTurn?.status === "running" ? lastTurn.id : undefined;
  useEffect(() => {
    if (running !== undefined) {
      chat.follow(running);
    }
  }, [running]);
  return (
    <Scroller follows={turn?.parts}>
      {isLoading && !turn && <Skeleton className="h-24" />}
      {error && !turn && (
        <Alert>
          {error.message}
          <Button variant="outline" size="small" onClick={refetch}>
            Try again
          </Button>
        </Alert>
      )}
      {isNew && !isLoading && !error && <Welcome />}
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
        className="grid grid-cols-1 gap-4 empty:hidden"
      >
        {entries.map((entry) => (
          <EntryView key={entry.id} by={entry.role} parts={entry.parts} />
        ))}
        {turn?.question && <EntryView by="user" parts={[{ type: "text", text: turn.question }]} />}
        {turn ? <LiveTurn turn={turn} /> : <LastTurn turn={lastTurn} />}
      </div>
    </Scroller>
  );
}

function LiveTurn({ turn }: { turn: Turn }) {
  const { parts, status, confirmations = [], failure } = turn;
  return (
    <>
      {parts.length > 0 && <EntryView by="assistant" parts={parts} isRunning={status !== "ended"} />}
      {status === "running" && parts.at(-1)?.type !== "text" && <Thinking />}
      {status === "waiting" && (
        <p className="text-muted-foreground text-sm">The connection is cut. This goes on as soon as it is back.</p>
      )}
      {status === "ended" && <Outcome confirmations={confirmations} failure={failure} messageId={turn.messageId} />}
    </>
  );
}

/** How the last answer stands, as it is stored. */
function LastTurn({ turn }: { turn: TurnState | null | undefined }) {
  const { id, confirmations, error } = turn ?? { confirmations: [] };
  const failure = error ? { message: error.message, isRetryable: error.retryable } : undefined;
  return <Outcome confirmations={confirmations} failure={failure} messageId={id} />;
}

interface OutcomeProps {
  confirmations: readonly Confirmation[];
  failure: Turn["failure"];
  messageId: string | undefined;
}

function Outcome({ confirmations, failure, messageId }: OutcomeProps) {
  return (
    <>
      {confirmations.length > 0 && <Confirmations confirmations={confirmations} onAnswer={chat.confirm.bind(chat)} />}
      {failure && (
        <Alert>
          <span className="wrap-anywhere">{failure.message}</span>
          {failure.isRetryable && (
            <Button variant="outline" size="small" onClick={() => chat.retry(messageId)}>
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
