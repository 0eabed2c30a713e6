"use client";

import { Check, CircleAlert, CircleHelp, LoaderCircle } from "lucide-react";
import Markdown from "markdown-to-jsx/react";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";
import type { Entry, Part, ToolPart } from "./entries";
import { describeTool } from "./tool-names";

interface EntryViewProps extends Pick<Entry, "parts"> {
  by: Entry["role"];
  /** Still coming about. */
  isRunning?: boolean;
}

/** What one side said. */
export function EntryView({ by, parts, isRunning }: EntryViewProps) {
  return (
    <article
      aria-label={by === "user" ? "You" : "Assistant"}
      className={cn(
        "min-w-0 text-sm leading-relaxed",
        by === "user"
          ? "ml-8 justify-self-end rounded-2xl rounded-br-md bg-primary/12 px-3.5 py-2"
          : "grid grid-cols-1 gap-2",
      )}
    >
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts are only added, at the end
        <PartView key={index} by={by} part={part} isRunning={isRunning} />
      ))}
    </article>
  );
}

function PartView({ by, part, isRunning }: { by: Entry["role"]; part: Part; isRunning: boolean | undefined }) {
  if (part.type === "tool") {
    return <Tool part={part} isRunning={isRunning} />;
  }
  return by === "user" ? (
    <p className="wrap-anywhere whitespace-pre-wrap">{part.text}</p>
  ) : (
    <div className="prose">
      <Markdown options={MARKDOWN}>{part.text}</Markdown>
    </div>
  );
}

const MARKDOWN = {
  disableParsingRawHTML: true,
  forceBlock: true,
  overrides: {
    a: ({ href, children }: { href?: string; children: ReactNode }) => (
      <a href={href} target="_blank" rel="noopener noreferrer">
        {children}
      </a>
    ),
    // Nothing is loaded from elsewhere, whatever an answer says.
    img: ({ alt }: { alt?: string }) => <span>{alt}</span>,
  },
};

/** A tool that was used: what it did, and on asking what it was given and gave. */
function Tool({ part, isRunning }: { part: ToolPart; isRunning: boolean | undefined }) {
  const { outcome } = part;
  return (
    <details className="rounded-lg border bg-card text-sm">
      <summary className="flex h-9 cursor-pointer list-none items-center gap-2.5 rounded-lg px-3">
        <ToolIcon part={part} isRunning={isRunning} />
        <span className="min-w-0 truncate">{describeTool(part)}</span>
      </summary>
      <div className="grid gap-2 border-t px-3 py-2 text-xs">
        <Value label="Given" value={part.arguments} />
        {outcome && <Value label="Result" value={outcome.result} />}
      </div>
    </details>
  );
}

function ToolIcon({ part: { outcome }, isRunning }: { part: ToolPart; isRunning: boolean | undefined }) {
  if (outcome?.isError) {
    return <CircleAlert aria-hidden className="size-4 shrink-0 text-destructive" />;
  }
  if (!outcome && isRunning) {
    return <LoaderCircle aria-hidden className="size-4 shrink-0 animate-spin text-muted-foreground" />;
  }
  const Icon = outcome ? Check : CircleHelp;
  return <Icon aria-hidden className={cn("size-4 shrink-0", outcome ? "text-primary" : "text-muted-foreground")} />;
}

function Value({ label, value }: { label: string; value: unknown }) {
  return (
    <div>
      <p className="text-muted-foreground">{label}</p>
      <pre className="wrap-anywhere max-h-48 overflow-y-auto whitespace-pre-wrap font-mono">
        {typeof value === "string" ? value : JSON.stringify(value, null, 2)}
      </pre>
    </div>
  );
}
