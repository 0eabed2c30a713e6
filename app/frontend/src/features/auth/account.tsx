"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { LogOut } from "lucide-react";

import { readMe } from "@/api";
import { Button } from "@/components/ui/button";
import { useHydrated } from "@/lib/use-hydrated";
import { leave, signOut } from "./session";

/** Who is signed in, and the way out. */
export function Account() {
  const isReady = useHydrated();
  const me = useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => readMe({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { mutate, isPending, isSuccess } = useMutation({
    mutationFn: signOut,
    onSuccess: leave,
    networkMode: "always",
  });
  return (
    <div className="flex min-w-0 items-center gap-3">
      <span className="hidden truncate text-muted-foreground text-sm sm:block">{me.data?.email}</span>
      <Button
        variant="ghost"
        size="small"
        className="-mr-3"
        disabled={!isReady || isPending || isSuccess}
        onClick={() => mutate()}
      >
        <LogOut aria-hidden />
        Sign out
      </Button>
    </div>
  );
}
