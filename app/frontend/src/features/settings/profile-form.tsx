"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { changeMe, type UserRead } from "@/api";
import { Alert } from "@/components/ui/alert";
import { Field } from "@/components/ui/field";
import { Skeleton } from "@/components/ui/skeleton";
import { toast } from "@/components/ui/toast";
import { fieldError } from "@/features/auth/fields";
import { ME_KEY, useMe } from "@/features/auth/use-me";
import { EmailConfirmation } from "./email-confirmation";
import { Section } from "./section";
import { SubmitButton } from "./submit-button";
import { useFormMutation } from "./use-form-mutation";

/** Name and address of the account. */
export function ProfileForm() {
  const { data, error } = useMe();
  return (
    <Section title="Profile">
      {data && <Fields key={data.updated_at} me={data} />}
      {data && <EmailConfirmation email={data.email} />}
      {!data && error && <Alert>{error.message}</Alert>}
      {!(data || error) && <Skeleton className="h-40" />}
    </Section>
  );
}

function Fields({ me }: { me: UserRead }) {
  const client = useQueryClient();
  const [email, setEmail] = useState(me.email);
  const isNewEmail = email.trim() !== me.email;
  const { formProps, isPending, problem, error } = useFormMutation({
    send: (values) =>
      changeMe({
        body: {
          username: text(values, "username") || null,
          ...(isNewEmail && { email: text(values, "email"), current_password: text(values, "current_password") }),
        },
      }),
    onDone: (user) => {
      client.setQueryData(ME_KEY, user);
      toast({ title: "Your profile is saved." });
    },
  });
  return (
    <form {...formProps} className="grid max-w-md gap-4">
      {problem && <Alert>{problem.message}</Alert>}
      <Field
        label="Name"
        name="username"
        defaultValue={me.username ?? ""}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={50}
        hint="Letters, digits, dots and dashes; you can do without."
        error={fieldError(error, "username")}
      />
      <Field
        label="E-mail"
        name="email"
        type="email"
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        autoComplete="email"
        error={fieldError(error, "email")}
      />
      {isNewEmail && (
        <Field
          label="Current password"
          name="current_password"
          type="password"
          autoComplete="current-password"
          hint="A new address needs your password, and ends your other sessions."
          error={fieldError(error, "current_password")}
        />
      )}
      <SubmitButton isPending={isPending}>Save profile</SubmitButton>
    </form>
  );
}

function text(values: FormData, name: string): string {
  return String(values.get(name) ?? "").trim();
}
