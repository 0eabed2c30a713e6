"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode, SubmitEvent } from "react";

import { type CategoryRead, createCategory, deleteCategory, isUnavailable, patchCategory } from "@/api";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { refreshTasks } from "@/features/tasks/task-cache";
import { cn } from "@/lib/cn";
import { uniqueKey } from "@/lib/key";
import { COLORS, ICONS } from "./category-icon";
import { CATEGORIES_KEY } from "./use-categories";

interface CategoryFormProps {
  /** The one to change; without it a new one is made. */
  category?: CategoryRead;
  name?: string;
  /** Called with the category as it is then, or nothing if it is gone or all stays as it was. */
  onDone: (category?: CategoryRead) => void;
}

/** Name, color and icon of a category. */
export function CategoryForm({ category, name, onDone }: CategoryFormProps) {
  const client = useQueryClient();
  const refresh = async () => {
    await client.invalidateQueries({ queryKey: CATEGORIES_KEY });
    await refreshTasks(client);
  };
  const save = useMutation({
    mutationFn: (values: FormData) => {
      const body = {
        name: String(values.get("name")).trim(),
        color: String(values.get("color")),
        icon: String(values.get("icon")),
      };
      return category
        ? patchCategory({ path: { category_id: category.id }, body })
        : createCategory({ body, headers: { "Idempotency-Key": uniqueKey() } });
    },
    retry: (_count, error) => isUnavailable(error),
    onSuccess: async (saved) => {
      await refresh();
      onDone(saved);
    },
  });
  const remove = useMutation({
    mutationFn: (id: string) => deleteCategory({ path: { category_id: id } }),
    retry: (_count, error) => isUnavailable(error),
    onSuccess: async () => {
      await refresh();
      onDone();
    },
  });
  const error = save.error ?? remove.error;
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(new FormData(event.currentTarget));
  };
  return (
    <form onSubmit={submit} className="grid w-64 gap-4">
      {error && <Alert>{error.message}</Alert>}
      <Field
        autoFocus
        label="Name"
        name="name"
        required
        maxLength={100}
        defaultValue={category?.name ?? name}
        autoComplete="off"
      />
      <fieldset>
        <legend className="mb-1.5 font-medium text-sm">Color</legend>
        <div className="flex flex-wrap gap-1">
          {Object.entries(COLORS).map(([color, label]) => (
            <Choice
              key={color}
              name="color"
              value={color}
              label={label}
              isChosen={color === chosen(category?.color, COLORS)}
            >
              <span className="size-5 rounded-full" style={{ background: color }} />
            </Choice>
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend className="mb-1.5 font-medium text-sm">Icon</legend>
        <div className="flex flex-wrap gap-1">
          {Object.entries(ICONS).map(([icon, Icon]) => (
            <Choice key={icon} name="icon" value={icon} label={icon} isChosen={icon === chosen(category?.icon, ICONS)}>
              <Icon aria-hidden className="size-4" />
            </Choice>
          ))}
        </div>
      </fieldset>
      <div className="flex items-center gap-2">
        {category && (
          <Button variant="danger" size="small" className="mr-auto" onClick={() => remove.mutate(category.id)}>
            Delete
          </Button>
        )}
        <Button variant="ghost" size="small" className="ml-auto" onClick={() => onDone()}>
          Cancel
        </Button>
        <Button type="submit" size="small" aria-busy={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}

/** What a category has, if it can be chosen here, or the first there is. */
function chosen(value: string | null | undefined, options: Readonly<Record<string, unknown>>): string | undefined {
  return value && value in options ? value : Object.keys(options)[0];
}

interface ChoiceProps {
  name: string;
  value: string;
  label: string;
  isChosen: boolean;
  children: ReactNode;
}

/** One of several that are seen rather than read. */
function Choice({ name, value, label, isChosen, children }: ChoiceProps) {
  return (
    <label
      className={cn(
        "relative grid size-9 cursor-pointer place-items-center rounded-md hover:bg-muted",
        "has-checked:bg-muted has-checked:outline-2 has-checked:outline-primary has-focus-visible:outline-ring",
      )}
    >
      <input
        type="radio"
        name={name}
        value={value}
        aria-label={label}
        defaultChecked={isChosen}
        className="absolute inset-0 cursor-pointer opacity-0"
      />
      {children}
    </label>
  );
}
