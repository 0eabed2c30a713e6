"use client";

import { LoaderCircle } from "lucide-react";
import { type ReactNode, type SubmitEvent, useEffect, useRef } from "react";

import { ApiError } from "@/api/error";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { useHydrated } from "@/lib/use-hydrated";

interface AuthFormProps {
  title: string;
  subtitle: string;
  submitLabel: string;
  isPending: boolean;
  error: Error | null;
  /** Shown while there is no error. */
  notice?: ReactNode;
  onSubmit: (values: FormData) => void;
  children: ReactNode;
  footer: ReactNode;
}

/** What sign-in and sign-up share: heading, problem, fields, one button. */
export function AuthForm(props: AuthFormProps) {
  const { title, subtitle, submitLabel, isPending, error, notice, onSubmit, children, footer } = props;
  const isReady = useHydrated();
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (error) {
      form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
    }
  }, [error]);

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!isPending) {
      onSubmit(new FormData(event.currentTarget));
    }
  };
  const isAboutField = error instanceof ApiError && Object.keys(error.fields).length > 0;

  return (
    // Before the page reacts, a submit must not write the password into the address.
    <form ref={form} method="post" noValidate onSubmit={submit} className="grid gap-5">
      <div>
        <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
        <p className="mt-1 text-muted-foreground text-sm">{subtitle}</p>
      </div>
      {error && !isAboutField ? <Alert>{error.message}</Alert> : notice}
      {children}
      <Button type="submit" disabled={!isReady} aria-busy={isPending}>
        {isPending && <LoaderCircle aria-hidden className="animate-spin" />}
        {submitLabel}
      </Button>
      <p className="text-center text-muted-foreground text-sm">{footer}</p>
    </form>
  );
}
