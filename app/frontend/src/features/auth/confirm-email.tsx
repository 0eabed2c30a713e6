"use client";

import { useMutation } from "@tanstack/react-query";
import { LoaderCircle } from "lucide-react";

import { confirmEmail } from "@/api";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { useHydrated } from "@/lib/use-hydrated";

/** Confirms the address that the link was mailed to, once a person says so: programs open links too. */
export function ConfirmEmail() {
  const isReady = useHydrated();
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: () => confirmEmail({ body: { token: window.location.hash.slice(1) } }),
    networkMode: "always",
    meta: { anonymous: true },
  });
  return (
    <div className="grid gap-5">
      <div>
        <h1 className="font-semibold text-xl tracking-tight">Confirm your e-mail address</h1>
        <p role="status" className="mt-1 text-muted-foreground text-sm">
          {isSuccess ? "It is confirmed: reminders come to it from now on." : "Reminders will then come to it."}
        </p>
      </div>
      {error && <Alert>{error.message}</Alert>}
      {isSuccess ? (
        <a href="/" className="text-center font-medium text-primary text-sm underline-offset-4 hover:underline">
          Go to your tasks
        </a>
      ) : (
        <Button disabled={!isReady} aria-busy={isPending} onClick={() => isPending || mutate()}>
          {isPending && <LoaderCircle aria-hidden className="animate-spin" />}
          Confirm
        </Button>
      )}
    </div>
  );
}
