"use client";

import { useMutation } from "@tanstack/react-query";
import { Copy, LoaderCircle } from "lucide-react";

import { createFeed, deleteFeed } from "@/api";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { useHydrated } from "@/lib/use-hydrated";
import { Section } from "./section";

/** The address under which a calendar finds the tasks that are due. */
export default function CalendarFeed() {
  const isReady = useHydrated();
  const create = useMutation({ mutationFn: () => createFeed() });
  const remove = useMutation({
    mutationFn: () => deleteFeed(),
    onSuccess: () => {
      create.reset();
      toast({ title: "The address no longer works." });
    },
  });
  const address = create.data && addressOf(create.data.path);
  const error = create.error ?? remove.error;
  const copy = async (text: string) => {
    await navigator.clipboard.writeText(text);
    toast({ title: "The address is copied." });
  };
  return (
    <Section
      title="Calendar feed"
      description="An address to subscribe to in your calendar, which then shows what is due. Whoever has it can read it."
    >
      {error && <Alert>{error.message}</Alert>}
      {address && (
        <div className="grid gap-3">
          <Field
            label="Address of the feed"
            value={address}
            readOnly
            hint="It is shown only now. A new one makes this one void."
            onFocus={(event) => event.target.select()}
          />
          {"clipboard" in navigator && (
            <Button variant="outline" className="justify-self-start" onClick={() => copy(address)}>
              <Copy aria-hidden />
              Copy
            </Button>
          )}
        </div>
      )}
      <div className="flex flex-wrap gap-2">
        <Button variant="outline" disabled={!isReady || create.isPending} onClick={() => create.mutate()}>
          {create.isPending && <LoaderCircle aria-hidden className="animate-spin" />}
          Make a new address
        </Button>
        <Button variant="danger" disabled={!isReady || remove.isPending} onClick={() => remove.mutate()}>
          Turn the feed off
        </Button>
      </div>
    </Section>
  );
}

/** Through this server, which calendars reach wherever browsers do. */
function addressOf(path: string): string {
  return `${window.location.origin}/bff/calendar/feed/${path.split("/").at(-1)}`;
}
