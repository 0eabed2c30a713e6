"use client";

import { changeMe } from "@/api";
import { Alert } from "@/components/ui/alert";
import { Field } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { fieldError } from "@/features/auth/fields";
import { Section } from "./section";
import { SubmitButton } from "./submit-button";
import { useFormMutation } from "./use-form-mutation";

export function PasswordForm() {
  const { formProps, isPending, problem, error } = useFormMutation({
    send: (values) =>
      changeMe({
        body: { current_password: String(values.get("current_password")), password: String(values.get("password")) },
      }),
    onDone: (_user, form) => {
      form.reset();
      toast({ title: "Your password is changed.", description: "All other sessions have ended." });
    },
  });
  return (
    <Section title="Password" description="A new one ends your sessions everywhere else.">
      <form {...formProps} className="grid max-w-md gap-4">
        {problem && <Alert>{problem.message}</Alert>}
        <Field
          label="Your password now"
          name="current_password"
          type="password"
          autoComplete="current-password"
          error={fieldError(error, "current_password")}
        />
        <Field
          label="New password"
          name="password"
          type="password"
          autoComplete="new-password"
          hint="At least 8 characters; a few words work well."
          error={fieldError(error, "password")}
        />
        <SubmitButton isPending={isPending}>Change password</SubmitButton>
      </form>
    </Section>
  );
}
