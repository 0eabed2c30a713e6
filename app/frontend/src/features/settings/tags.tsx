"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Hash, Trash2 } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";

import { deleteTag, patchTag, type TagRead } from "@/api";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { TAG_LENGTH, TAGS_KEY, useTags } from "@/features/tags/use-tags";
import { refreshTasks } from "@/features/tasks/task-cache";
import { TitleEditor } from "@/features/tasks/title-editor";
import { Section } from "./section";

const ConfirmDialog = dynamic(() => import("@/components/confirm-dialog"), { ssr: false });

/** Every tag, to be renamed or deleted wherever it is. */
export default function Tags() {
  const tags = useTags();
  return (
    <Section title="Tags" description="A new name is on every task that has the tag.">
      {tags.length > 0 ? (
        <ul aria-label="Tags" className="divide-y">
          {tags.map((tag) => (
            <TagRow key={tag.id} tag={tag} />
          ))}
        </ul>
      ) : (
        <p className="text-muted-foreground text-sm">There are none yet. Add them to your tasks.</p>
      )}
    </Section>
  );
}

function TagRow({ tag }: { tag: TagRead }) {
  const client = useQueryClient();
  const [isEditing, setEditing] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: TAGS_KEY }), refreshTasks(client)]);
  const rename = useMutation({
    mutationFn: (name: string) => patchTag({ path: { tag_id: tag.id }, body: { name } }),
    onSuccess: refresh,
  });
  const finish = (text: string) => {
    setEditing(false);
    // A comma would make two of it.
    const name = text.replaceAll(",", " ").trim();
    if (name && name !== tag.name) {
      rename.mutate(name);
    }
  };
  return (
    <li className="grid gap-1 py-1">
      <div className="flex items-center gap-2">
        <Hash aria-hidden className="size-4 shrink-0 text-muted-foreground" />
        <div className="min-w-0 grow">
          {isEditing ? (
            <TitleEditor title={tag.name} maxLength={TAG_LENGTH} onFinish={finish} />
          ) : (
            <button
              type="button"
              aria-label={`Rename ${tag.name}`}
              onClick={() => setEditing(true)}
              className="wrap-anywhere min-h-9 w-full cursor-text rounded-md px-1 text-left"
            >
              {tag.name}
            </button>
          )}
        </div>
        <Button variant="danger" size="icon" aria-label={`Delete ${tag.name}`} onClick={() => setAsking(true)}>
          <Trash2 aria-hidden />
        </Button>
      </div>
      {rename.error && <Alert>{rename.error.message}</Alert>}
      {isAsking && (
        <ConfirmDialog
          title={`Delete the tag ${tag.name}?`}
          question="Your tasks stay, without it."
          confirmLabel="Delete"
          send={() => deleteTag({ path: { tag_id: tag.id } })}
          onDone={refresh}
          onClose={() => setAsking(false)}
        />
      )}
    </li>
  );
}
