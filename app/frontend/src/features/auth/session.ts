import { login, logout, signup } from "@/api";
import type { Credentials } from "./fields";

export async function signIn(body: Credentials): Promise<void> {
  await login({ body });
}

export async function signUp(body: Credentials): Promise<void> {
  await signup({ body });
  await login({ body });
}

export async function signOut(): Promise<void> {
  await logout();
}

// Whole page loads, so that nothing of one session is left in memory for the next.
export function enter(): void {
  window.location.replace("/");
}

export function leave(): void {
  // What was typed but not sent is nobody else's.
  window.sessionStorage.clear();
  window.location.replace("/sign-in");
}
