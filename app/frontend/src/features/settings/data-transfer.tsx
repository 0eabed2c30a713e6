"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Download, LoaderCircle, Upload } from "lucide-react";
import { type ChangeEvent, useId, useRef, useState } from "react";

import { type ImportFormat, importTasks, isUnavailable } from "@/api";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";
import { cn } from "@/lib/cn";
import { randomId } from "@/lib/random-id";
import { useHydrated } from "@/lib/use-hydrated";
import { Section } from "./section";

const FORMATS: readonly { value: ImportFormat; label: string; accept: string }[] = [
  { value: "json", label: "JSON of this app", accept: ".json,application/json" },
  { value: "csv", label: "CSV", accept: ".csv,text/csv" },
  { value: "todoist", label: "Todoist (CSV)", accept: ".csv,text/csv" },
];

const LINK = cn(
  "inline-flex h-10 items-center gap-2 rounded-md border bg-card px-4 font-medium text-sm shadow-xs hover:bg-muted",
  "[&_svg]:size-4",
);

/** All tasks as a file, and tasks from a file. */
export default function DataTransfer() {
  return (
    <Section title="Import and export" description="Your tasks are yours: take them with you, or bring them along.">
      <div className="flex flex-wrap gap-2">
        {(["json", "csv"] as const).map((format) => (
          <a key={format} href={`/bff/export?format=${format}`} download className={LINK}>
            <Download aria-hidden />
            Export as {format.toUpperCase()}
          </a>
        ))}
      </div>
      <ImportForm />
    </Section>
  );
}

function ImportForm() {
  const id = useId();
  const isReady = useHydrated();
  const client = useQueryClient();
  const [format, setFormat] = useState(FORMATS[0]);
  const picker = useRef<HTMLInputElement>(null);
  const { mutate, isPending, data, error } = useMutation({
    mutationFn: ({ file, key }: { file: File; key: string }) =>
      importTasks({ body: { file }, query: { format: format?.value }, headers: { "Idempotency-Key": key } }),
    // The session may have been renewed on the way.
    retry: (count, failure) => count === 0 && isUnavailable(failure),
    onSuccess: ({ count }) => {
      void client.invalidateQueries();
      toast({ title: count === 1 ? "One task is imported." : `${count} tasks are imported.` });
    },
    networkMode: "always",
  });
  const pick = (event: ChangeEvent<HTMLInputElement>) => {
    const [file] = event.target.files ?? [];
    if (file) {
      mutate({ file, key: randomId() });
    }
    // The same file once more is a change too.
    event.target.value = "";
  };
  return (
    <div className="grid gap-3">
      {error && <Alert>{error.message}</Alert>}
      {data && data.warnings.length > 0 && (
        <Alert variant="warning">
          <ul className="list-disc pl-4">
            {data.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Alert>
      )}
      <div className="flex flex-wrap items-end gap-2">
        <div className="grid gap-1.5">
          <label htmlFor={id} className="font-medium text-sm">
            Import from
          </label>
          <select
            id={id}
            value={format?.value}
            disabled={!isReady}
            onChange={(event) => setFormat(FORMATS.find(({ value }) => value === event.target.value))}
            className="h-10 rounded-md border border-input bg-card px-3 text-sm shadow-xs"
          >
            {FORMATS.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </div>
        <Button variant="outline" disabled={!isReady || isPending} onClick={() => picker.current?.click()}>
          {isPending ? <LoaderCircle aria-hidden className="animate-spin" /> : <Upload aria-hidden />}
          Choose a file
        </Button>
        <input ref={picker} type="file" hidden aria-label="File to import" accept={format?.accept} onChange={pick} />
      </div>
    </div>
  );
}
