import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useEffect, useRef } from "react";

import { ApiError } from "@/api";

interface FormMutation<Result> {
  send: (values: FormData) => Promise<Result>;
  onDone: (result: Result, form: HTMLFormElement) => void;
}

/** Sends a form, and puts the focus on the first field that is wrong. */
export function useFormMutation<Result>({ send, onDone }: FormMutation<Result>) {
  const form = useRef<HTMLFormElement>(null);
  const { mutate, isPending, error } = useMutation({
    mutationFn: send,
    onSuccess: (result) => form.current && onDone(result, form.current),
    networkMode: "always",
  });
  useEffect(() => {
    if (error) {
      form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
    }
  }, [error]);
  return {
    isPending,
    /** What is wrong, if it is not about a field. */
    problem: error && !(error instanceof ApiError && Object.keys(error.fields).length > 0) ? error : undefined,
    error,
    formProps: {
      ref: form,
      noValidate: true,
      onSubmit: (event: SubmitEvent<HTMLFormElement>) => {
        event.preventDefault();
        if (!isPending) {
          mutate(new FormData(event.currentTarget));
        }
      },
    },
  };
}
