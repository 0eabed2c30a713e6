"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { LoaderCircle, MailCheck } from "lucide-react";

import { readConfirmation, requestConfirmation } from "@/api";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";

/** Whether an address is known to be the user's; nothing at all where no e-mail is sent. */
export function EmailConfirmation({ email }: { email: string }) {
  const { data } = useQuery({
    queryKey: ["confirmation", email],
    queryFn: ({ signal }) => readConfirmation({ signal }),
  });
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => requestConfirmation(),
    onSuccess: () => toast({ title: "The link is on its way." }),
  });
  if (!data?.enabled) {
    return null;
  }
  if (data.confirmed) {
    return (
      <p className="flex items-center gap-2 text-muted-foreground text-sm">
        <MailCheck aria-hidden className="size-4" />
        Your e-mail address is confirmed.
      </p>
    );
  }
  return (
    <div className="grid max-w-md gap-4">
      {error && <Alert>{error.message}</Alert>}
      <p className="text-muted-foreground text-sm">
        Your e-mail address is not confirmed: no reminders are sent to it. Open the link that was sent to {email}.
      </p>
      <Button
        variant="outline"
        className="justify-self-start"
        aria-busy={isPending}
        onClick={() => isPending || mutate()}
      >
        {isPending && <LoaderCircle aria-hidden className="animate-spin" />}
        Send the link again
      </Button>
    </div>
  );
}
