"use client";

import { useQueryClient } from "@tanstack/react-query";
import { CircleAlert, Trash2, X } from "lucide-react";

import { ApiError } from "@/api";
import { Message } from "@/components/message";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Sheet } from "@/components/ui/sheet";
import { Skeleton } from "@/components/ui/skeleton";
import { Textarea } from "@/components/ui/textarea";
import { Activity } from "@/features/activity/activity";
import { Attachments } from "@/features/attachments/attachments";
import { Reminders } from "@/features/reminders/reminders";
import Subtasks from "@/features/subtasks/subtasks";
import { useDraft } from "@/lib/use-draft";
import { change, rename } from "./actions";
import Failures from "./failures";
import { closeTask } from "./open-task";
import { useRun } from "./run";
import type { Task } from "./task-cache";
import { TaskFields } from "./task-fields";
import { DESCRIPTION_LENGTH, TITLE_LENGTH } from "./title";
import { completeWithUndo, removeWithUndo } from "./undo";
import { useTask } from "./use-task";

/** All of one task, beside the list. */
export default function TaskPanel({ id }: { id: string }) {
  const { data: task, error } = useTask(id);
  return (
    <Sheet open onClose={closeTask} title={task?.title ?? "Task"} isTitleHidden>
      {task ? <OpenTask task={task} /> : error ? <NoTask error={error} /> : <TaskLoading />}
    </Sheet>
  );
}

function OpenTask({ task }: { task: Task }) {
  const client = useQueryClient();
  const run = useRun();
  const title = useDraft(task.title, (text) => text.trim() && run(rename(task, text.trim())));
  const description = useDraft(task.description ?? "", (text) =>
    run(change([task], { description: text.trim() ? text : null })),
  );
  return (
    <>
      <div className="flex items-start gap-3 px-5 pt-4 pb-2">
        <Checkbox
          aria-label={`Done: ${task.title}`}
          checked={task.is_completed}
          onChange={() => completeWithUndo(client, [task], !task.is_completed)}
          className="my-2"
        />
        <Textarea
          variant="title"
          aria-label="Title"
          rows={1}
          value={title.text}
          maxLength={TITLE_LENGTH}
          onChange={(event) => title.setText(event.target.value.replaceAll("\n", " "))}
          onBlur={title.commit}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.nativeEvent.isComposing) {
              event.preventDefault();
              event.currentTarget.blur();
            }
          }}
        />
        <CloseButton />
      </div>
      <div className="grid min-h-0 grow content-start gap-6 overflow-y-auto px-5 pt-1 pb-8">
        <Failures />
        <TaskFields task={task} />
        <section className="grid gap-2">
          <h3 className="font-medium text-sm">Notes</h3>
          <Textarea
            aria-label="Notes"
            value={description.text}
            maxLength={DESCRIPTION_LENGTH}
            placeholder="What else is there to know?"
            onChange={(event) => description.setText(event.target.value)}
            onBlur={description.commit}
          />
        </section>
        <Subtasks taskId={task.id} />
        <Reminders task={task} />
        <Attachments taskId={task.id} />
        <Activity taskId={task.id} />
      </div>
      <footer className="flex items-center justify-end border-t px-5 py-3">
        <Button
          variant="danger"
          size="small"
          onClick={() => {
            closeTask();
            removeWithUndo(client, [task]);
          }}
        >
          <Trash2 aria-hidden />
          Delete task
        </Button>
      </footer>
    </>
  );
}

function CloseButton() {
  return (
    <Button variant="ghost" size="icon" aria-label="Close" onClick={closeTask} className="-mr-2">
      <X aria-hidden />
    </Button>
  );
}

function TaskLoading() {
  return (
    <div role="status" className="grid gap-4 px-5 pt-5">
      <span className="sr-only">Loading the task</span>
      <Skeleton className="h-7 w-2/3" />
      <Skeleton className="h-10" />
      <Skeleton className="h-10" />
      <Skeleton className="h-24" />
    </div>
  );
}

function NoTask({ error }: { error: Error }) {
  const isGone = error instanceof ApiError && error.status === 404;
  return (
    <>
      <div className="flex justify-end px-5 pt-4">
        <CloseButton />
      </div>
      <div role="alert">
        <Message icon={CircleAlert} title={isGone ? "This task is gone" : "The task could not be loaded"}>
          {isGone ? "It has been deleted." : error.message}
        </Message>
      </div>
    </>
  );
}
