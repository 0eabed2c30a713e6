"use client";

import { type ReactNode, useRef } from "react";

import { Kbd } from "./kbd";

const DELAY_MS = 400;

interface TooltipProps {
  /** What the control does; the control carries the same as its own name. */
  label: string;
  /** Its shortcut. */
  keys?: string | undefined;
  children: ReactNode;
}

/** Shows the name of a control that has only an icon. */
export function Tooltip({ label, keys, children }: TooltipProps) {
  const tip = useRef<HTMLSpanElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const show = (source: HTMLElement, delay: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      if (tip.current?.isConnected && !tip.current.matches(":popover-open")) {
        tip.current.showPopover({ source });
      }
    }, delay);
  };
  const hide = () => {
    clearTimeout(timer.current);
    tip.current?.hidePopover();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches the control inside
    <span
      className="inline-flex"
      onPointerMove={(event) => {
        // Not for a pointer that rests where a control has just appeared.
        if (event.pointerType === "mouse" && (event.movementX || event.movementY)) {
          show(event.currentTarget, DELAY_MS);
        }
      }}
      onPointerLeave={hide}
      onPointerDown={hide}
      onFocus={(event) => event.target.matches(":focus-visible") && show(event.currentTarget, 0)}
      onBlur={hide}
      onKeyDown={hide}
    >
      {children}
      <span
        ref={tip}
        popover="manual"
        aria-hidden
        className="pointer-events-none inset-auto m-1.5 rounded-md bg-foreground px-2 py-1 text-background text-xs shadow-md [position-area:bottom] [position-try-fallbacks:flip-block]"
      >
        {label}
        {keys && <Kbd keys={keys} className="ml-2 opacity-70" />}
      </span>
    </span>
  );
}
