"use client";

import { useMutation } from "@tanstack/react-query";

import { Field } from "@/components/ui/field";
import { AuthForm } from "./auth-form";
import { fieldError, readCredentials } from "./fields";
import { enter, signUp } from "./session";

export function SignUpForm() {
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: async (values: FormData) => signUp(readCredentials(values)),
    onSuccess: enter,
    networkMode: "always",
    meta: { anonymous: true },
  });
  return (
    <AuthForm
      title="Create your account"
      subtitle="All it takes is an e-mail address and a password."
      submitLabel="Create account"
      isPending={isPending || isSuccess}
      error={error}
      onSubmit={mutate}
      footer={
        <>
          Already have an account?{" "}
          <a href="/sign-in" className="font-medium text-primary underline-offset-4 hover:underline">
            Sign in
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
        autoComplete="new-password"
        required
        hint="At least 8 characters; a few words work well."
        error={fieldError(error, "password")}
      />
    </AuthForm>
  );
}
