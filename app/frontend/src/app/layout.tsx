import "./globals.css";

import type { Metadata, Viewport } from "next";
import { connection } from "next/server";
import type { ReactNode } from "react";

import { ConnectionBanner } from "@/features/connection/connection-banner";
import { getConfig } from "@/server/config";
import { Providers } from "./providers";

export async function generateMetadata(): Promise<Metadata> {
  await connection();
  const { appName } = getConfig();
  return { title: { default: appName, template: `%s · ${appName}` }, description: "Your tasks, calmly kept." };
}

export const viewport: Viewport = {
  colorScheme: "light dark",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#fafaf8" },
    { media: "(prefers-color-scheme: dark)", color: "#15171c" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Rendered for each request: the policy's nonce and the configuration are known only then.
  await connection();
  return (
    <html lang="en">
      <body className="min-h-dvh font-sans">
        <Providers>
          <ConnectionBanner />
          {children}
        </Providers>
      </body>
    </html>
  );
}
