import { useMutation } from "@tanstack/react-query";

import { leave, signOut } from "./session";

/** The way out; also when nobody answers, as this server ends the session in the browser itself. */
export function useSignOut() {
  const { mutate, isPending, isSuccess } = useMutation({
    mutationFn: () => signOut(),
    onSuccess: leave,
    networkMode: "always",
  });
  return { signOut: mutate as () => void, isLeaving: isPending || isSuccess };
}
