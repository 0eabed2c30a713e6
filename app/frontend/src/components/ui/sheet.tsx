"use client";

import { Modal, type ModalProps } from "./dialog";

interface SheetProps extends Omit<ModalProps, "side"> {
  side?: "left" | "right" | "bottom";
}

/** A dialog that comes from an edge of the screen. */
export function Sheet({ side = "right", ...props }: SheetProps) {
  return <Modal side={side} {...props} />;
}
