import { CircleAlert } from "lucide-react";

import { Message } from "@/components/message";
import { Button } from "@/components/ui/button";

export function TasksFailed({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <div role="alert">
      <Message icon={CircleAlert} title="Your tasks could not be loaded">
        <p className="mb-4">{error.message}</p>
        <Button variant="outline" onClick={onRetry}>
          Try again
        </Button>
      </Message>
    </div>
  );
}
