"use client";

import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";

import { cn } from "@/lib/cn";
import { Button } from "./button";

const DURATION_MS = 6_000;
const MAXIMUM = 3;

interface Toast {
  title: string;
  description?: string | undefined;
  variant?: "success" | "error";
  action?: { label: string; run: () => void };
  /** Milliseconds; Infinity stays until it is dismissed. */
  duration?: number;
}

interface ShownToast extends Toast {
  id: number;
}

let count = 0;
let shown: readonly ShownToast[] = [];
const NONE: readonly ShownToast[] = [];
const listeners = new Set<() => void>();

function show(next: readonly ShownToast[]): void {
  shown = next;
  for (const listener of listeners) {
    listener();
  }
}

/** Says something in passing; the result takes it away again. */
export function toast(content: Toast): () => void {
  const id = ++count;
  show([...shown, { ...content, id }].slice(-MAXIMUM));
  return () => dismiss(id);
}

function dismiss(id: number): void {
  show(shown.filter((item) => item.id !== id));
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** Where toasts appear: once, in the root layout. */
export function Toaster() {
  const toasts = useSyncExternalStore(
    subscribe,
    () => shown,
    () => NONE,
  );
  const ref = useRef<HTMLElement>(null);
  const latest = toasts.at(-1)?.id;
  useLayoutEffect(() => {
    // Again for each one, so that it lies above whatever has been opened since.
    ref.current?.hidePopover();
    if (latest !== undefined) {
      ref.current?.showPopover();
    }
  }, [latest]);
  return (
    <section
      ref={ref}
      popover="manual"
      aria-label="Notifications"
      aria-live="polite"
      className={cn(
        "inset-auto right-4 bottom-20 left-auto m-0 w-[calc(100%-2rem)] max-w-sm gap-2 overflow-visible border-0 bg-transparent p-0",
        "open:grid lg:bottom-4",
      )}
    >
      {toasts.map((item) => (
        <ToastCard key={item.id} {...item} />
      ))}
    </section>
  );
}

function ToastCard({ id, title, description, variant = "success", action, duration = DURATION_MS }: ShownToast) {
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (isHeld || duration === Number.POSITIVE_INFINITY) {
      return;
    }
    const timer = setTimeout(() => dismiss(id), duration);
    return () => clearTimeout(timer);
  }, [id, isHeld, duration]);
  const Icon = variant === "error" ? CircleAlert : CircleCheck;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it stays while someone is at it
    <div
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="flex animate-rise items-center gap-3 rounded-lg border bg-card py-2.5 pr-2 pl-4 text-foreground text-sm shadow-lg"
    >
      <Icon aria-hidden className={cn("size-4 shrink-0", variant === "error" ? "text-destructive" : "text-primary")} />
      <div className="min-w-0 grow py-1">
        <p className="wrap-anywhere font-medium">{title}</p>
        {description && <p className="wrap-anywhere text-muted-foreground">{description}</p>}
      </div>
      {action && (
        <Button
          variant="outline"
          size="small"
          onClick={() => {
            dismiss(id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <Button variant="ghost" size="icon" aria-label="Dismiss" onClick={() => dismiss(id)}>
        <X aria-hidden />
      </Button>
    </div>
  );
}
