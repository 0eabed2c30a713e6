import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";

import { Brand } from "@/components/brand";
import { Card } from "@/components/ui/card";
import { hasSession } from "@/server/bff/session";
import { getConfig } from "@/server/config";

export default async function AuthLayout({ children }: { children: ReactNode }) {
  if (hasSession(await cookies())) {
    redirect("/");
  }
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-md flex-col justify-center gap-8 px-4 py-12 sm:pb-28">
      <div className="flex justify-center text-lg">
        <Brand name={getConfig().appName} />
      </div>
      <Card className="p-6 sm:p-8">{children}</Card>
    </main>
  );
}
