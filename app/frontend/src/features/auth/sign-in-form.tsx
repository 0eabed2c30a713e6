"use client";

import { Alert } from "@/components/ui/alert";
import { CredentialsForm } from "./credentials-form";
import { signIn } from "./session";

export function SignInForm({ sessionEnded }: { sessionEnded: boolean }) {
  return (
    <CredentialsForm
      title="Welcome back"
      subtitle="Sign in to see your tasks."
      submitLabel="Sign in"
      send={signIn}
      password={{ autoComplete: "current-password" }}
      notice={sessionEnded && <Alert variant="warning">Your session has ended. Please sign in again.</Alert>}
      footer={
        <>
          New here?{" "}
          <a href="/sign-up" className="font-medium text-primary underline-offset-4 hover:underline">
            Create an account
          </a>
        </>
      }
    />
  );
}
