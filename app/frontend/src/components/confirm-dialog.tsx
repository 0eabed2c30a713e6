"use client";

import { useMutation } from "@tanstack/react-query";
import { LoaderCircle } from "lucide-react";
import { type ReactNode, useState } from "react";

import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";

interface ConfirmDialogProps {
  title: string;
  question: ReactNode;
  confirmLabel: string;
  /** What has to be typed before it can be done. */
  proof?: string | undefined;
  send: () => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
}

/** Asks before what can't be undone. */
export default function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, question, confirmLabel, proof, send, onDone, onClose } = props;
  const [typed, setTyped] = useState("");
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: send,
    onSuccess: onDone,
    networkMode: "always",
  });
  const isBusy = isPending || isSuccess;
  const isProven = proof === undefined || typed.trim() === proof;
  return (
    <Dialog open title={title} onClose={onClose}>
      <DialogBody className="grid gap-4 text-sm">
        <div>{question}</div>
        {proof !== undefined && (
          <Field
            label={`Type ${proof} to go on`}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        )}
        {error && <Alert>{error.message}</Alert>}
      </DialogBody>
      <DialogFooter>
        <Button variant="outline" onClick={onClose}>
          Cancel
        </Button>
        <Button variant="destructive" disabled={isBusy || !isProven} onClick={() => mutate()}>
          {isBusy && <LoaderCircle aria-hidden className="animate-spin" />}
          {confirmLabel}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
