"use client";

import { useMutation } from "@tanstack/react-query";

import { Alert } from "@/components/ui/alert";
import { Field } from "@/components/ui/field";
import { AuthForm } from "./auth-form";
import { fieldError, readCredentials } from "./fields";
import { enter, signIn } from "./session";

export function SignInForm({ sessionEnded }: { sessionEnded: boolean }) {
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: async (values: FormData) => signIn(readCredentials(values)),
    onSuccess: enter,
    networkMode: "always",
    meta: { anonymous: true },
  });
  return (
    <AuthForm
      title="Welcome back"
      subtitle="Sign in to see your tasks."
      submitLabel="Sign in"
      isPending={isPending || isSuccess}
      error={error}
      notice={sessionEnded && <Alert variant="warning">Your session has ended. Please sign in again.</Alert>}
      onSubmit={mutate}
      footer={
        <>
          New here?{" "}
          <a href="/sign-up" className="font-medium text-primary underline-offset-4 hover:underline">
            Create an account
          </a>
        </>
      }
    >
      <Field
        label="E-mail"
        name="email"
        type="email"
        autoComplete="email"
        autoCapitalize="none"
        spellCheck={false}
        required
        error={fieldError(error, "email")}
      />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        error={fieldError(error, "password")}
      />
    </AuthForm>
  );
}
