"use client";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { useFailures } from "./run";

/** What was taken back because it could not be done. */
export default function Failures() {
  const { failures, dismiss, retry } = useFailures();
  return failures.map((failure) => (
    <Alert key={failure.mutationId}>
      <p className="wrap-anywhere min-w-0">
        {failure.state.variables?.failure} {failure.state.error?.message}
      </p>
      <span className="flex gap-2">
        <Button variant="outline" size="small" onClick={() => retry(failure)}>
          Try again
        </Button>
        <Button variant="ghost" size="small" onClick={() => dismiss(failure)}>
          Dismiss
        </Button>
      </span>
    </Alert>
  ));
}
