import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";

import { Brand } from "@/components/brand";
import { Account } from "@/features/auth/account";
import { hasSession } from "@/server/bff/session";
import { getConfig } from "@/server/config";

export default async function AppLayout({ children }: { children: ReactNode }) {
  if (!hasSession(await cookies())) {
    redirect("/sign-in");
  }
  return (
    <div className="mx-auto flex min-h-dvh w-full max-w-2xl flex-col px-4 sm:px-6">
      <header className="flex h-16 items-center justify-between gap-4">
        <Brand name={getConfig().appName} />
        <Account />
      </header>
      <main className="grow pt-6 pb-20 sm:pt-10">{children}</main>
    </div>
  );
}
