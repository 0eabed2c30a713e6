"use client";

import type { SubmitEvent } from "react";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";

interface ViewNameFormProps {
  name?: string;
  error: Error | null;
  isPending: boolean;
  onSubmit: (name: string) => void;
}

export function ViewNameForm({ name, error, isPending, onSubmit }: ViewNameFormProps) {
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("name")).trim();
    if (text && !isPending) {
      onSubmit(text);
    }
  };
  return (
    <form onSubmit={submit} className="grid w-60 gap-3">
      {error && <Alert>{error.message}</Alert>}
      <Field
        autoFocus
        label="Name of the view"
        name="name"
        required
        maxLength={100}
        defaultValue={name}
        autoComplete="off"
      />
      <Button type="submit" size="small" aria-busy={isPending} className="justify-self-end">
        Save
      </Button>
    </form>
  );
}
