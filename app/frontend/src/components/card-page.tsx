import type { ReactNode } from "react";

import { getConfig } from "@/server/config";
import { Brand } from "./brand";
import { Card } from "./ui/card";

/** A page that is one card under the application's name. */
export function CardPage({ children }: { children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-md flex-col justify-center gap-8 px-4 py-12 sm:pb-28">
      <div className="flex justify-center text-lg">
        <Brand name={getConfig().appName} />
      </div>
      <Card className="p-6 sm:p-8">{children}</Card>
    </main>
  );
}
