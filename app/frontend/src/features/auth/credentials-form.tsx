"use client";

import { useMutation } from "@tanstack/react-query";
import type { ComponentProps } from "react";

import { Field } from "@/components/ui/field";
import { AuthForm } from "./auth-form";
import { type Credentials, fieldError, readCredentials } from "./fields";
import { enter } from "./session";

type Frame = Omit<ComponentProps<typeof AuthForm>, "isPending" | "error" | "onSubmit" | "children">;

interface CredentialsFormProps extends Frame {
  send: (credentials: Credentials) => Promise<void>;
  password: Pick<ComponentProps<typeof Field>, "autoComplete" | "hint">;
}

/** Asks for e-mail and password, sends them, and enters the app. */
export function CredentialsForm({ send, password, ...frame }: CredentialsFormProps) {
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: async (values: FormData) => send(readCredentials(values)),
    onSuccess: enter,
    networkMode: "always",
    meta: { anonymous: true },
  });
  return (
    <AuthForm {...frame} isPending={isPending || isSuccess} error={error} onSubmit={mutate}>
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
        required
        error={fieldError(error, "password")}
        {...password}
      />
    </AuthForm>
  );
}
