import { Compass } from "lucide-react";

import { Message } from "@/components/message";

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center">
      <Message icon={Compass} title="There is no such page" isPage>
        <a href="/" className="font-medium text-primary underline underline-offset-4">
          Go to your tasks
        </a>
      </Message>
    </main>
  );
}
