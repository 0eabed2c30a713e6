"use client";

import type { KeyboardEvent } from "react";

import { TITLE_LENGTH } from "./title";

interface TitleEditorProps {
  title: string;
  maxLength?: number;
  /** Called with what the title is to be, and whether the keyboard said so and wants the focus back. */
  onFinish: (title: string, byKeyboard: boolean) => void;
}

/** Edits a title in place: Enter or leaving keeps it, Escape gives it up. */
export function TitleEditor({ title, maxLength = TITLE_LENGTH, onFinish }: TitleEditorProps) {
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      // Or the same key press would go on to the button that takes the focus.
      event.preventDefault();
      onFinish(event.currentTarget.value, true);
    } else if (event.key === "Escape") {
      onFinish(title, true);
    }
  };
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: the user has just asked to edit this
      autoFocus
      aria-label={`New title of ${title}`}
      defaultValue={title}
      maxLength={maxLength}
      onFocus={(event) => event.target.select()}
      onBlur={(event) => onFinish(event.target.value, false)}
      onKeyDown={onKeyDown}
      className="h-9 min-w-0 grow rounded-md bg-background px-1 outline-2 outline-ring"
    />
  );
}
