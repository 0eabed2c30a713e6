import { ApiError } from "@/api/error";

export interface Credentials {
  email: string;
  password: string;
}

/** Reads the fields, or throws what is missing in the way the API tells it. */
export function readCredentials(values: FormData): Credentials {
  const email = String(values.get("email") ?? "").trim();
  const password = String(values.get("password") ?? "");
  const missing = {
    ...(!/^\S+@\S+$/.test(email) && { email: "Enter your e-mail address." }),
    ...(!password && { password: "Enter your password." }),
  };
  if (Object.keys(missing).length > 0) {
    throw new ApiError(422, "Some fields are missing.", missing);
  }
  return { email, password };
}

/** What is wrong with one field, if anything. */
export function fieldError(error: Error | null, name: string): string | undefined {
  return error instanceof ApiError ? error.fields[name] : undefined;
}
