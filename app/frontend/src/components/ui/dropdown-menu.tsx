"use client";

import { Check, type LucideIcon } from "lucide-react";
import {
  type ComponentProps,
  createContext,
  type KeyboardEvent,
  type ReactNode,
  use,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";

import { cn } from "@/lib/cn";
import { Button } from "./button";

const MenuContext = createContext<{ id: string; close: () => void }>({ id: "", close: () => undefined });

/** A menu in the browser's top layer, placed beside its trigger by the browser itself. */
export function DropdownMenu({ children }: { children: ReactNode }) {
  const id = useId();
  const close = () => document.getElementById(id)?.hidePopover();
  return <MenuContext value={{ id, close }}>{children}</MenuContext>;
}

export function DropdownMenuTrigger(props: ComponentProps<typeof Button>) {
  const { id } = use(MenuContext);
  return <Button popoverTarget={id} aria-haspopup="menu" {...props} />;
}

interface DropdownMenuContentProps {
  /** Names the menu. */
  label: string;
  /** Which edges meet: the menu grows away from them. */
  align?: "start" | "end";
  side?: "bottom" | "top";
  className?: string;
  children: ReactNode;
}

const PLACES = {
  "bottom-start": "[position-area:bottom_span-right]",
  "bottom-end": "[position-area:bottom_span-left]",
  "top-start": "[position-area:top_span-right]",
  "top-end": "[position-area:top_span-left]",
};

export function DropdownMenuContent(props: DropdownMenuContentProps) {
  const { label, align = "start", side = "bottom", className, children } = props;
  const { id, close } = use(MenuContext);
  const ref = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);

  useLayoutEffect(() => {
    if (isOpen) {
      items(ref.current)[0]?.focus();
    }
  }, [isOpen]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Tab") {
      close();
    } else if (move(items(ref.current), event.key)) {
      event.preventDefault();
    }
  };
  return (
    <div
      ref={ref}
      id={id}
      popover="auto"
      role="menu"
      tabIndex={-1}
      aria-label={label}
      onToggle={(event) => setOpen(event.newState === "open")}
      onKeyDown={onKeyDown}
      className={cn(
        "m-1 min-w-48 rounded-lg border bg-card p-1 text-foreground shadow-lg [position-try-fallbacks:flip-block,flip-inline]",
        "inset-auto focus-visible:outline-none",
        PLACES[`${side}-${align}`],
        className,
      )}
    >
      {isOpen && children}
    </div>
  );
}

interface DropdownMenuItemProps {
  icon?: LucideIcon;
  /** For one of several that exclude each other. */
  isChecked?: boolean;
  isDestructive?: boolean;
  disabled?: boolean;
  onSelect: () => void;
  children: ReactNode;
}

export function DropdownMenuItem(props: DropdownMenuItemProps) {
  const { icon: Icon, isChecked, isDestructive, disabled, onSelect, children } = props;
  const { close } = use(MenuContext);
  return (
    <button
      type="button"
      {...(isChecked === undefined ? { role: "menuitem" } : { role: "menuitemradio", "aria-checked": isChecked })}
      tabIndex={-1}
      disabled={disabled}
      onClick={() => {
        close();
        onSelect();
      }}
      onPointerMove={(event) => event.currentTarget.focus({ preventScroll: true })}
      className={cn(
        "flex h-9 w-full cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-left text-sm focus:outline-none",
        "focus:bg-muted disabled:cursor-default disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0",
        isDestructive ? "text-destructive focus:bg-destructive-soft" : "[&_svg]:text-muted-foreground",
      )}
    >
      {Icon && <Icon aria-hidden />}
      <span className="min-w-0 grow truncate">{children}</span>
      {isChecked && <Check aria-hidden />}
    </button>
  );
}

export function DropdownMenuSeparator() {
  return <hr className="-mx-1 my-1" />;
}

export function DropdownMenuLabel({ children }: { children: ReactNode }) {
  return <p className="truncate px-2.5 py-1.5 text-muted-foreground text-xs">{children}</p>;
}

function items(menu: HTMLElement | null): HTMLElement[] {
  return Array.from(menu?.querySelectorAll<HTMLElement>("[role^=menuitem]:not(:disabled)") ?? []);
}

/** Moves the focus as a menu does; false for a key that means nothing here. */
function move(all: readonly HTMLElement[], key: string): boolean {
  const index = all.indexOf(document.activeElement as HTMLElement);
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: index + 1,
    ArrowUp: index < 0 ? -1 : index - 1,
    Home: 0,
    End: -1,
  };
  const step = steps[key] ?? (key.length === 1 && key !== " " ? startingWith(all, key, index) : undefined);
  if (step === undefined) {
    return false;
  }
  all.at(step % all.length)?.focus();
  return true;
}

function startingWith(all: readonly HTMLElement[], key: string, index: number): number | undefined {
  const hits = all.flatMap((item, at) =>
    item.textContent?.trim().toLowerCase().startsWith(key.toLowerCase()) ? [at] : [],
  );
  return hits.find((at) => at > index) ?? hits[0];
}
