"use client";

import { CircleAlert } from "lucide-react";

import { Message } from "@/components/message";
import { Button } from "@/components/ui/button";

export default function ErrorPage({ reset }: { error: Error; reset: () => void }) {
  return (
    <main className="grid min-h-dvh place-items-center">
      <Message icon={CircleAlert} title="Something went wrong" isPage>
        <p className="mb-4">This page could not be shown. Your tasks are safe.</p>
        <Button onClick={reset}>Try again</Button>
      </Message>
    </main>
  );
}
