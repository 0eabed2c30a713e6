import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";

import { ChatDock } from "@/features/chat/chat-dock";
import { Commands } from "@/features/commands/commands";
import { LazyComeUp } from "@/features/reminders/lazy-come-up";
import { PhoneBar, PhoneHeader } from "@/features/shell/phone-bars";
import { ShellCommands } from "@/features/shell/shell-commands";
import { Sidebar } from "@/features/shell/sidebar";
import { hasSession } from "@/server/bff/session";
import { getConfig } from "@/server/config";

export default async function AppLayout({ children }: { children: ReactNode }) {
  if (!hasSession(await cookies())) {
    redirect("/sign-in");
  }
  const { appName } = getConfig();
  return (
    <div className="flex min-h-dvh">
      <a
        href="#content"
        className="sr-only rounded-md bg-card px-4 py-2 shadow-lg focus:not-sr-only focus:fixed focus:top-3 focus:left-3 focus:z-30"
      >
        Skip to the content
      </a>
      <Sidebar appName={appName} />
      <div className="flex min-w-0 grow flex-col">
        <PhoneHeader appName={appName} />
        <LazyComeUp />
        <main id="content" tabIndex={-1} className="grow px-4 pt-4 pb-28 outline-none sm:px-8 lg:pt-14 lg:pb-16">
          {children}
        </main>
        <PhoneBar />
      </div>
      <ChatDock />
      <Commands />
      <ShellCommands />
    </div>
  );
}
