"use client";

import { Plus } from "lucide-react";
import { type SubmitEvent, useId, useState } from "react";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { useHydrated } from "@/lib/use-hydrated";
import { TITLE_LENGTH } from "./title";

export function TaskComposer({ onAdd }: { onAdd: (title: string) => void }) {
  const id = useId();
  const isReady = useHydrated();
  const [title, setTitle] = useState("");

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (title.trim()) {
      onAdd(title.trim());
      setTitle("");
    }
  };
  return (
    <Card className="focus-within:border-ring focus-within:ring-3 focus-within:ring-ring/20">
      <form onSubmit={submit} className="flex items-center gap-2 p-2 pl-4">
        <Plus aria-hidden className="size-5 shrink-0 text-muted-foreground" />
        <label htmlFor={id} className="sr-only">
          New task
        </label>
        <input
          id={id}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          disabled={!isReady}
          maxLength={TITLE_LENGTH}
          placeholder="What needs to be done?"
          autoComplete="off"
          enterKeyHint="done"
          className="h-10 min-w-0 grow bg-transparent px-1 outline-none placeholder:text-muted-foreground"
        />
        <Button type="submit" disabled={!title.trim()} className="disabled:opacity-50">
          Add
        </Button>
      </form>
    </Card>
  );
}
