"use client";

import { Compass, Pencil, Save, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";

import type { FilterRead } from "@/api";
import { Message } from "@/components/message";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Popover } from "@/components/ui/popover";
import { toast } from "@/components/ui/toast";
import { type Filter, tidy } from "@/features/tasks/filter";
import { FilteredTasks } from "@/features/tasks/lazy";
import { TaskComposer } from "@/features/tasks/task-composer";
import { TasksFailed } from "@/features/tasks/tasks-failed";
import { TasksFrame } from "@/features/tasks/tasks-frame";
import { TasksLoading } from "@/features/tasks/tasks-loading";
import { offer } from "@/features/tasks/undo";
import { useViewActions, useViews } from "./use-views";
import { ViewNameForm } from "./view-name-form";

/** A filter that was kept under a name, and what it finds. */
export default function View({ id }: { id: string }) {
  const { data, error, refetch } = useViews();
  const view = data?.items.find((item) => item.id === id);
  if (view) {
    return <OpenView key={id} view={view} />;
  }
  return (
    <TasksFrame title="View">
      <Card>
        {error ? (
          <TasksFailed error={error} onRetry={refetch} />
        ) : data ? (
          <Message icon={Compass} title="There is no such view">
            It may have been deleted.
          </Message>
        ) : (
          <TasksLoading />
        )}
      </Card>
    </TasksFrame>
  );
}

function OpenView({ view }: { view: FilterRead }) {
  const saved = tidy(view.filter);
  const [filter, setFilter] = useState<Filter>(saved);
  const { change } = useViewActions();
  const isChanged = JSON.stringify(tidy(filter)) !== JSON.stringify(saved);
  return (
    <TasksFrame title={view.name} actions={<ViewActions view={view} />}>
      <TaskComposer />
      <FilteredTasks filter={filter} onChange={setFilter}>
        {isChanged && (
          <Button
            variant="ghost"
            size="small"
            aria-busy={change.isPending}
            onClick={() => change.mutate({ id: view.id, filter: tidy(filter) })}
          >
            <Save aria-hidden />
            Save changes
          </Button>
        )}
      </FilteredTasks>
    </TasksFrame>
  );
}

const ICON_BUTTON =
  "grid size-9 cursor-pointer place-items-center rounded-md text-muted-foreground hover:bg-muted hover:text-foreground";

function ViewActions({ view: { id, name, filter } }: { view: FilterRead }) {
  const router = useRouter();
  const { create, change, remove } = useViewActions();
  // A promise, as this is gone from the page by the time the view is gone.
  const forget = () =>
    remove.mutateAsync(id).then(
      () => {
        router.push("/");
        offer(`Deleted the view “${name}”`, () => create.mutate({ name, filter }));
      },
      ({ message }: Error) => toast({ title: "The view was not deleted", description: message, variant: "error" }),
    );
  return (
    <>
      <Popover
        label="Rename the view"
        triggerLabel="Rename the view"
        triggerClassName={ICON_BUTTON}
        className="[position-area:bottom_span-left]"
        trigger={<Pencil aria-hidden className="size-4" />}
      >
        {(close) => (
          <ViewNameForm
            name={name}
            error={change.error}
            isPending={change.isPending}
            onSubmit={(next) => change.mutate({ id, name: next }, { onSuccess: close })}
          />
        )}
      </Popover>
      <Button variant="danger" size="icon" aria-label="Delete the view" onClick={forget}>
        <Trash2 aria-hidden />
      </Button>
    </>
  );
}
