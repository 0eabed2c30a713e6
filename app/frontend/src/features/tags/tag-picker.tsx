"use client";

import { Combobox } from "@/components/ui/combobox";
import { TAG_LENGTH, useTags } from "./use-tags";

interface TagPickerProps {
  selected: readonly string[];
  onToggle: (name: string) => void;
  /** Whether a tag can be made that is not there yet. */
  canCreate?: boolean;
}

/** Takes tags by their names. */
export default function TagPicker({ selected, onToggle, canCreate = true }: TagPickerProps) {
  const names = new Set([...useTags().map(({ name }) => name), ...selected]);
  return (
    <Combobox
      label="Tags"
      options={[...names].sort((a, b) => a.localeCompare(b)).map((name) => ({ value: name, label: name }))}
      selected={selected}
      onToggle={onToggle}
      // A comma would make two of it.
      onCreate={canCreate ? (text) => onToggle(text.replaceAll(",", " ").trim()) : undefined}
      maxLength={TAG_LENGTH}
    />
  );
}
