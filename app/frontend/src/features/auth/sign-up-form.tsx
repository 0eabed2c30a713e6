"use client";

import { CredentialsForm } from "./credentials-form";
import { signUp } from "./session";

export function SignUpForm() {
  return (
    <CredentialsForm
      title="Create your account"
      subtitle="All it takes is an e-mail address and a password."
      submitLabel="Create account"
      send={signUp}
      password={{ autoComplete: "new-password", hint: "At least 8 characters; a few words work well." }}
      footer={
        <>
          Already have an account?{" "}
          <a href="/sign-in" className="font-medium text-primary underline-offset-4 hover:underline">
            Sign in
          </a>
        </>
      }
    />
  );
}
