"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, LoaderCircle, MessagesSquare, Pencil, Trash2 } from "lucide-react";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";

import { type ConversationRead, deleteConversation, patchConversation } from "@/api";
import ConfirmDialog from "@/components/confirm-dialog";
import { Message } from "@/components/message";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { Field } from "@/components/ui/field";
import { Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/cn";
import { formatTime } from "@/lib/format-time";
import { CONVERSATIONS_KEY, conversationKey, useConversations } from "./queries";
import { chat } from "./session";

interface Asked {
  about: ConversationRead;
  what: "rename" | "delete";
}

/** Former conversations: to go on with, rename or delete. */
export function History({ onLeave }: { onLeave: () => void }) {
  const client = useQueryClient();
  const { conversations, error, hasMore, fetchMore, isFetching } = useConversations();
  const [asked, setAsked] = useState<Asked | undefined>();
  const close = () => setAsked(undefined);
  const changed = () => {
    close();
    void client.invalidateQueries({ queryKey: CONVERSATIONS_KEY, exact: true });
  };
  return (
    <div className="min-h-0 grow overflow-y-auto p-2">
      {error && <Alert>{error.message}</Alert>}
      {!(conversations || error) && <Skeleton className="m-2 h-24" />}
      {conversations?.length === 0 && (
        <Message icon={MessagesSquare} title="No conversations yet">
          What you talk about is kept here.
        </Message>
      )}
      <ul className="grid gap-0.5">
        {conversations?.map((conversation) => (
          <ConversationRow
            key={conversation.id}
            conversation={conversation}
            onOpen={() => {
              // It may have been left in the middle of an answer.
              void client.invalidateQueries({ queryKey: conversationKey(conversation.id) });
              chat.open(conversation.id);
              onLeave();
            }}
            onAsk={(what) => setAsked({ about: conversation, what })}
          />
        ))}
      </ul>
      {hasMore && (
        <Button variant="ghost" className="w-full" disabled={isFetching} onClick={() => fetchMore()}>
          {isFetching && <LoaderCircle aria-hidden className="animate-spin" />}
          Show more
        </Button>
      )}
      {asked?.what === "rename" && <RenameDialog conversation={asked.about} onDone={changed} onClose={close} />}
      {asked?.what === "delete" && (
        <ConfirmDialog
          title="Delete the conversation?"
          question={`“${titleOf(asked.about)}” and all its messages go for good. Your tasks stay.`}
          confirmLabel="Delete"
          send={() => deleteConversation({ path: { conversation_id: asked.about.id } })}
          onDone={() => {
            if (chat.get().conversationId === asked.about.id) {
              chat.open(undefined);
            }
            changed();
          }}
          onClose={close}
        />
      )}
    </div>
  );
}

interface ConversationRowProps {
  conversation: ConversationRead;
  onOpen: () => void;
  onAsk: (what: Asked["what"]) => void;
}

function ConversationRow({ conversation, onOpen, onAsk }: ConversationRowProps) {
  const { conversationId } = useSyncExternalStore(chat.subscribe, chat.get, chat.get);
  const isOpen = conversationId === conversation.id;
  const title = titleOf(conversation);
  return (
    <li className={cn("flex items-center rounded-md hover:bg-muted/60", isOpen && "bg-muted")}>
      <button
        type="button"
        aria-current={isOpen ? "true" : undefined}
        onClick={onOpen}
        className="min-w-0 grow cursor-pointer rounded-md px-3 py-2 text-left text-sm"
      >
        <span className="block truncate">{title}</span>
        <span className="block text-muted-foreground text-xs">{formatTime(conversation.updated_at)}</span>
      </button>
      <DropdownMenu>
        <DropdownMenuTrigger variant="ghost" size="icon" aria-label={`More for ${title}`}>
          <Ellipsis aria-hidden />
        </DropdownMenuTrigger>
        <DropdownMenuContent label={`More for ${title}`} align="end">
          <DropdownMenuItem icon={Pencil} onSelect={() => onAsk("rename")}>
            Rename
          </DropdownMenuItem>
          <DropdownMenuItem icon={Trash2} isDestructive onSelect={() => onAsk("delete")}>
            Delete
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
    </li>
  );
}

interface RenameDialogProps {
  conversation: ConversationRead;
  onDone: () => void;
  onClose: () => void;
}

function RenameDialog({ conversation, onDone, onClose }: RenameDialogProps) {
  const { mutate, isPending, error } = useMutation({
    mutationFn: (title: string) => patchConversation({ path: { conversation_id: conversation.id }, body: { title } }),
    onSuccess: onDone,
    networkMode: "always",
  });
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  return (
    <Dialog open title="Rename the conversation" onClose={onClose}>
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          const title = String(new FormData(event.currentTarget).get("title")).trim();
          if (title && !isPending) {
            mutate(title);
          }
        }}
      >
        <DialogBody>
          <Field
            label="Title"
            name="title"
            defaultValue={conversation.title ?? ""}
            maxLength={255}
            error={error?.message}
          />
        </DialogBody>
        <DialogFooter>
          <Button variant="outline" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" aria-busy={isPending}>
            Rename
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

function titleOf({ title }: ConversationRead): string {
  return title ?? "Untitled";
}
