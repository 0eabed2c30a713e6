import "./globals.css";

import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import { connection } from "next/server";
import type { ReactNode } from "react";

import { Toaster } from "@/components/ui/toast";
import { ConnectionBanner } from "@/features/connection/connection-banner";
import { parseTheme, THEME_COOKIE } from "@/features/theme/theme";
import { getConfig } from "@/server/config";
import { NONCE_HEADER } from "@/server/csp";
import { Providers } from "./providers";
import { recover } from "./recover";

export async function generateMetadata(): Promise<Metadata> {
  await connection();
  const { appName } = getConfig();
  return { title: { default: appName, template: `%s · ${appName}` }, description: "Your tasks, calmly kept." };
}

const COLORS = { light: "#fafaf8", dark: "#15171c" };

export async function generateViewport(): Promise<Viewport> {
  const theme = await chosenTheme();
  return {
    colorScheme: theme === "system" ? "light dark" : theme,
    themeColor:
      theme === "system"
        ? (["light", "dark"] as const).map((name) => ({
            media: `(prefers-color-scheme: ${name})`,
            color: COLORS[name],
          }))
        : COLORS[theme],
  };
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Rendered for each request: the policy's nonce and the configuration are known only then.
  await connection();
  const theme = await chosenTheme();
  const nonce = (await headers()).get(NONCE_HEADER) ?? undefined;
  return (
    <html lang="en" data-theme={theme === "system" ? undefined : theme}>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own code, with the page's nonce */}
        <script nonce={nonce} dangerouslySetInnerHTML={{ __html: `(${recover})()` }} suppressHydrationWarning />
      </head>
      <body className="min-h-dvh font-sans">
        <Providers>
          <ConnectionBanner />
          {children}
          <Toaster />
        </Providers>
      </body>
    </html>
  );
}

async function chosenTheme() {
  return parseTheme((await cookies()).get(THEME_COOKIE)?.value);
}
