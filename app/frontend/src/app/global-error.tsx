"use client";

import "./globals.css";

import ErrorPage from "./error";

export default function GlobalError(props: { error: Error; reset: () => void }) {
  return (
    <html lang="en">
      <body className="min-h-dvh font-sans">
        <title>Something went wrong</title>
        <ErrorPage {...props} />
      </body>
    </html>
  );
}
