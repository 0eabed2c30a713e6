import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";

import { CardPage } from "@/components/card-page";
import { hasSession } from "@/server/bff/session";

export default async function AuthLayout({ children }: { children: ReactNode }) {
  if (hasSession(await cookies())) {
    redirect("/");
  }
  return <CardPage>{children}</CardPage>;
}
