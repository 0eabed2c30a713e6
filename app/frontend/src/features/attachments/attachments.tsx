"use client";

import { useQuery } from "@tanstack/react-query";
import { Download, Paperclip, Trash2, X } from "lucide-react";
import { type DragEvent, useId, useState } from "react";

import { type AttachmentRead, deleteAttachment, listAttachments } from "@/api";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Progress } from "@/components/ui/progress";
import type { Action } from "@/features/tasks/actions";
import { useRun } from "@/features/tasks/run";
import { cn } from "@/lib/cn";
import { attachmentsKey } from "./attachments-key";
import { describeSize } from "./upload";
import { type Upload, useUploads } from "./use-uploads";

/** The files of a task; nothing at all where files can't be kept. */
export function Attachments({ taskId }: { taskId: string }) {
  const { data } = useQuery({
    queryKey: attachmentsKey(taskId),
    queryFn: ({ signal }) => listAttachments({ path: { task_id: taskId }, signal }),
  });
  return data?.enabled && <Files taskId={taskId} files={data.items} />;
}

function Files({ taskId, files }: { taskId: string; files: readonly AttachmentRead[] }) {
  const id = useId();
  const run = useRun();
  const { uploads, add, retry } = useUploads(taskId);
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    add(event.dataTransfer.files);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button below does the same
    <section
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={cn("grid gap-2 rounded-md", isOver && "outline-2 outline-primary outline-offset-4")}
    >
      <h3 className="font-medium text-sm">Files</h3>
      <ul aria-label="Files" className="grid gap-1 empty:hidden">
        {files.map((file) => (
          <FileRow key={file.id} file={file} onDelete={() => run(remove(taskId, file))} />
        ))}
        {uploads.map((one) => (
          <UploadRow key={one.key} upload={one} onRetry={() => retry(one)} />
        ))}
      </ul>
      <label
        htmlFor={id}
        className={cn(
          "flex h-10 cursor-pointer items-center gap-2 rounded-md border border-dashed px-3 text-muted-foreground text-sm",
          "hover:bg-muted/50 has-focus-visible:outline-2 has-focus-visible:outline-ring",
        )}
      >
        <Paperclip aria-hidden className="size-4" />
        Attach files, or drop them here
        <input
          id={id}
          type="file"
          multiple
          className="sr-only"
          onChange={(event) => {
            add(event.target.files ?? []);
            event.target.value = "";
          }}
        />
      </label>
    </section>
  );
}

function FileRow({ file, onDelete }: { file: AttachmentRead; onDelete: () => void }) {
  const { id, task_id, filename, file_size } = file;
  return (
    <li className="flex items-center gap-2 rounded-md bg-muted/50 py-1 pr-1 pl-3 text-sm">
      <Paperclip aria-hidden className="size-4 shrink-0 text-muted-foreground" />
      <span className="min-w-0 grow truncate">{filename}</span>
      <span className="shrink-0 text-muted-foreground text-xs">{describeSize(file_size)}</span>
      <a
        href={`/bff/tasks/${task_id}/attachments/${id}`}
        download={filename}
        aria-label={`Download ${filename}`}
        className="grid size-9 shrink-0 place-items-center rounded-md text-muted-foreground hover:bg-muted hover:text-foreground"
      >
        <Download aria-hidden className="size-4" />
      </a>
      <Button variant="danger" size="icon" aria-label={`Delete ${filename}`} onClick={onDelete}>
        <Trash2 aria-hidden />
      </Button>
    </li>
  );
}

function UploadRow({ upload: { file, part, error, cancel }, onRetry }: { upload: Upload; onRetry: () => void }) {
  if (error) {
    return (
      <li>
        <Alert>
          <span className="wrap-anywhere min-w-0">
            {file.name}: {error.message}
          </span>
          <span className="flex gap-2">
            <Button variant="outline" size="small" onClick={onRetry}>
              Try again
            </Button>
            <Button variant="ghost" size="small" onClick={cancel}>
              Dismiss
            </Button>
          </span>
        </Alert>
      </li>
    );
  }
  return (
    <li className="flex items-center gap-3 rounded-md bg-muted/50 py-1 pr-1 pl-3 text-sm">
      <span className="min-w-0 grow truncate">{file.name}</span>
      <Progress label={`Sending ${file.name}`} value={part} className="max-w-28" />
      <Button variant="ghost" size="icon" aria-label={`Stop sending ${file.name}`} onClick={cancel}>
        <X aria-hidden />
      </Button>
    </li>
  );
}

function remove(taskId: string, { id, filename }: AttachmentRead): Action {
  const key = attachmentsKey(taskId);
  return {
    failure: `“${filename}” was not deleted.`,
    apply: (client) => {
      const before = client.getQueryData<Awaited<ReturnType<typeof listAttachments>>>(key);
      client.setQueryData(key, before && { ...before, items: before.items.filter((file) => file.id !== id) });
      return () => client.setQueryData(key, before);
    },
    send: async () => {
      await deleteAttachment({ path: { task_id: taskId, attachment_id: id } });
      return [];
    },
  };
}
