"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MonitorSmartphone } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";

import { endAllSessions, endSession, listSessions, type SessionRead } from "@/api";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { leave } from "@/features/auth/session";
import { formatTime } from "@/lib/format-time";

import { describeClient } from "./describe-client";
import { Section } from "./section";

const ConfirmDialog = dynamic(() => import("@/components/confirm-dialog"), { ssr: false });

const KEY = ["sessions"] as const;

/** Where the account is signed in. */
export default function Sessions() {
  const { data, error } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => listSessions({ query: { limit: 100 }, signal }),
  });
  const [isAsking, setAsking] = useState(false);
  return (
    <Section title="Sessions" description="Where you are signed in at the moment.">
      {data && (
        <ul className="divide-y">
          {data.items.map((session) => (
            <SessionRow key={session.id} session={session} isCurrent={session.id === data.current} />
          ))}
        </ul>
      )}
      {!data && error && <Alert>{error.message}</Alert>}
      {!(data || error) && <Skeleton className="h-14" />}
      <Button variant="outline" className="justify-self-start" onClick={() => setAsking(true)}>
        Sign out everywhere
      </Button>
      {isAsking && (
        <ConfirmDialog
          title="Sign out everywhere?"
          question="Every session ends at once, this one too. You sign in again with your password."
          confirmLabel="Sign out everywhere"
          send={() => endAllSessions()}
          onDone={leave}
          onClose={() => setAsking(false)}
        />
      )}
    </Section>
  );
}

function SessionRow({ session, isCurrent }: { session: SessionRead; isCurrent: boolean }) {
  const client = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => endSession({ path: { session_id: session.id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
  const name = describeClient(session.client);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <MonitorSmartphone aria-hidden className="size-5 shrink-0 text-muted-foreground" strokeWidth={1.75} />
      <div className="min-w-0 grow text-sm">
        <p className="wrap-anywhere font-medium">{name}</p>
        <p className="text-muted-foreground">
          {isCurrent ? "This session" : `Last used ${formatTime(session.last_used_at)}`}
        </p>
      </div>
      {!isCurrent && (
        <Button
          variant="outline"
          size="small"
          aria-label={`End the session of ${name}`}
          disabled={isPending}
          onClick={() => mutate()}
        >
          End
        </Button>
      )}
      {error && <Alert className="w-full">{error.message}</Alert>}
    </li>
  );
}
