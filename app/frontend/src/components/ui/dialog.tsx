"use client";

import { cva, type VariantProps } from "class-variance-authority";
import { X } from "lucide-react";
import { type ReactNode, type SyntheticEvent, useId, useLayoutEffect, useRef } from "react";

import { cn } from "@/lib/cn";
import { Button } from "./button";

const modalVariants = cva(
  [
    "fixed m-0 overflow-hidden border bg-card text-foreground shadow-2xl",
    "backdrop:bg-black/40 backdrop:backdrop-blur-[2px] focus-visible:outline-none",
  ],
  {
    variants: {
      side: {
        center: [
          "inset-x-0 top-[max(1rem,12dvh)] mx-auto max-h-[calc(100dvh-max(2rem,16dvh))] w-[calc(100%-2rem)] max-w-lg",
          "animate-appear rounded-xl open:flex open:flex-col",
        ],
        right:
          "inset-y-0 right-0 left-auto h-dvh max-h-none w-full max-w-lg animate-slide-left open:flex open:flex-col",
        left: "inset-y-0 right-auto left-0 h-dvh max-h-none w-full max-w-xs animate-slide-right open:flex open:flex-col",
        bottom: [
          "inset-x-0 top-auto bottom-0 max-h-[85dvh] w-full max-w-none animate-slide-up rounded-t-2xl",
          "pb-[env(safe-area-inset-bottom)] open:flex open:flex-col",
        ],
      },
    },
  },
);

export interface ModalProps extends VariantProps<typeof modalVariants> {
  open: boolean;
  onClose: () => void;
  /** Names it, for everyone. */
  title: string;
  /** Leaves the title to screen readers. */
  isTitleHidden?: boolean;
  description?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** The browser's own modal dialog: it keeps the focus, hides the page behind from everyone, and gives the focus back. */
export function Modal({ open, ...props }: ModalProps) {
  return open && <OpenModal {...props} />;
}

function OpenModal({
  onClose,
  title,
  isTitleHidden,
  description,
  side,
  className,
  children,
}: Omit<ModalProps, "open">) {
  const id = useId();
  return (
    <dialog
      {...useModal(onClose)}
      aria-labelledby={`${id}-title`}
      aria-describedby={description ? `${id}-description` : undefined}
      className={cn(modalVariants({ side }), className)}
    >
      <header className={cn("flex items-start gap-4 px-6 pt-5 pb-3", isTitleHidden && "sr-only")}>
        <div className="min-w-0 grow">
          <h2 id={`${id}-title`} className="wrap-anywhere font-semibold text-lg tracking-tight">
            {title}
          </h2>
          {description && (
            <div id={`${id}-description`} className="mt-1 text-muted-foreground text-sm">
              {description}
            </div>
          )}
        </div>
        {!isTitleHidden && (
          <Button variant="ghost" size="icon" aria-label="Close" onClick={onClose} className="-mt-1.5 -mr-2">
            <X aria-hidden />
          </Button>
        )}
      </header>
      {children}
    </dialog>
  );
}

/** What makes a `dialog` modal for as long as it is there. */
export function useModal(onClose: () => void) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    // Closed before it is gone, or the focus would be lost.
    return () => dialog?.close();
  }, []);
  const onCancel = (event: SyntheticEvent<HTMLDialogElement>) => {
    if (event.target === event.currentTarget) {
      event.preventDefault();
      onClose();
    }
  };
  return { ref, closedby: "any", onCancel } as const;
}

/** A question or a small form in the middle of the page. */
export function Dialog(props: Omit<ModalProps, "side">) {
  return <Modal side="center" {...props} />;
}

/** The part of a dialog or sheet that scrolls. */
export function DialogBody({ className, children }: { className?: string; children: ReactNode }) {
  return <div className={cn("min-h-0 grow overflow-y-auto px-6 pt-1 pb-6", className)}>{children}</div>;
}

/** Its buttons, the main one last. */
export function DialogFooter({ children }: { children: ReactNode }) {
  return <footer className="flex flex-wrap justify-end gap-2 border-t bg-muted/40 px-6 py-4">{children}</footer>;
}
