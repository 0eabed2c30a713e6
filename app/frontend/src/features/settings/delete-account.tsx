"use client";

import dynamic from "next/dynamic";
import { useState } from "react";

import { deleteMe } from "@/api";
import { Button } from "@/components/ui/button";
import { signOut } from "@/features/auth/session";
import { useMe } from "@/features/auth/use-me";

import { Section } from "./section";

const ConfirmDialog = dynamic(() => import("@/components/confirm-dialog"), { ssr: false });

export function DeleteAccount() {
  const { data } = useMe();
  const [isAsking, setAsking] = useState(false);
  return (
    <Section title="Delete the account" description="All that is in it goes with it, for good.">
      <Button
        variant="outline"
        className="justify-self-start text-destructive"
        disabled={!data}
        onClick={() => setAsking(true)}
      >
        Delete my account
      </Button>
      {isAsking && (
        <ConfirmDialog
          title="Delete your account?"
          question="Your tasks, files, conversations and settings are removed at once. Nobody can bring them back."
          confirmLabel="Delete for good"
          proof={data?.email}
          send={async () => {
            await deleteMe();
            // The cookies of a session that is gone.
            await signOut();
          }}
          onDone={() => window.location.replace("/sign-up")}
          onClose={() => setAsking(false)}
        />
      )}
    </Section>
  );
}
