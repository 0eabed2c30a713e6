"use client";

import { Bookmark } from "lucide-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";

import { Popover } from "@/components/ui/popover";
import type { Filter } from "@/features/tasks/filter";
import { useViewActions } from "./use-views";
import { ViewNameForm } from "./view-name-form";

/** Keeps a filter under a name, and goes to its page. */
export default function SaveView({ filter }: { filter: Filter }) {
  const router = useRouter();
  const { create } = useViewActions();
  return (
    <Popover
      label="Save this view"
      triggerClassName="inline-flex h-8 cursor-pointer items-center gap-2 rounded-md px-3 font-medium text-muted-foreground text-sm hover:bg-muted hover:text-foreground"
      trigger={
        <>
          <Bookmark aria-hidden className="size-4" />
          Save view
        </>
      }
    >
      {() => (
        <ViewNameForm
          error={create.error}
          isPending={create.isPending}
          onSubmit={(name) =>
            create.mutate({ name, filter }, { onSuccess: ({ id }) => router.push(`/views/${id}` as Route) })
          }
        />
      )}
    </Popover>
  );
}
