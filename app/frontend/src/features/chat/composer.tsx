"use client";

import { useMutation } from "@tanstack/react-query";
import { ArrowUp, Square } from "lucide-react";
import { type KeyboardEvent, type SubmitEvent, useEffect, useId, useRef, useSyncExternalStore } from "react";

import { stopAnswer } from "@/api";
import { Button } from "@/components/ui/button";
import { chat } from "./session";

const MAXIMUM = 4_000;

/** Where one writes: Enter sends, Shift and Enter begin a line. */
export function Composer() {
  const id = useId();
  const { draft, turn } = useSyncExternalStore(chat.subscribe, chat.get, chat.get);
  const isBusy = turn !== undefined && turn.status !== "ended";
  const text = draft.trim();
  const field = useRef<HTMLTextAreaElement>(null);
  // Not by autoFocus, which comes before the dialog around it is open.
  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    // A button that was pressed for it is gone.
    if (isBusy && document.activeElement === document.body) {
      field.current?.focus();
    }
  }, [isBusy]);

  const send = () => {
    if (text && !isBusy) {
      chat.send(text);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      send();
    }
  };
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    send();
  };
  return (
    <form onSubmit={onSubmit} className="shrink-0 p-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
      <div className="flex items-end gap-2 rounded-xl border border-input bg-card p-1.5 pl-3 shadow-xs focus-within:border-ring focus-within:ring-3 focus-within:ring-ring/20">
        <label htmlFor={id} className="sr-only">
          Message
        </label>
        <textarea
          ref={field}
          id={id}
          rows={1}
          value={draft}
          maxLength={MAXIMUM}
          onChange={(event) => chat.type(event.target.value)}
          onKeyDown={onKeyDown}
          placeholder="Ask, or say what to do"
          enterKeyHint="send"
          className="field-sizing-content max-h-40 min-h-9 min-w-0 grow resize-none bg-transparent py-1.5 text-base outline-none placeholder:text-muted-foreground sm:text-sm"
        />
        {isBusy && turn.messageId ? (
          <StopButton messageId={turn.messageId} />
        ) : (
          <Button
            type="submit"
            size="icon"
            aria-label="Send"
            disabled={!text || isBusy}
            className="disabled:opacity-40"
          >
            <ArrowUp aria-hidden />
          </Button>
        )}
      </div>
    </form>
  );
}

function StopButton({ messageId }: { messageId: string }) {
  const { mutate, isPending } = useMutation({ mutationFn: () => stopAnswer({ path: { message_id: messageId } }) });
  return (
    <Button size="icon" variant="outline" aria-label="Stop" disabled={isPending} onClick={() => mutate()}>
      <Square aria-hidden />
    </Button>
  );
}
