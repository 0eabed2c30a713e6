"use client";

import { Check, Plus } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId, useState } from "react";

import { cn } from "@/lib/cn";

export interface ComboboxOption {
  value: string;
  label: string;
  icon?: ReactNode;
}

interface ComboboxProps {
  /** Names the field. */
  label: string;
  options: readonly ComboboxOption[];
  selected: readonly string[];
  /** Takes an option, or gives up one that was taken. */
  onToggle: (value: string) => void;
  /** Makes an option of what was typed; without it nothing can be made. */
  onCreate?: ((text: string) => void) | undefined;
  maxLength?: number;
}

/** A field that narrows a list of options to be taken, or makes a new one. */
export function Combobox({ label, options, selected, onToggle, onCreate, maxLength }: ComboboxProps) {
  const id = useId();
  const [text, setText] = useState("");
  const [index, setIndex] = useState(0);
  const wanted = text.trim();
  const found = options.filter((option) => option.label.toLowerCase().includes(wanted.toLowerCase()));
  const canCreate = onCreate && wanted && !options.some((option) => option.label === wanted);
  const count = found.length + Number(Boolean(canCreate));
  const marked = Math.min(index, count - 1);

  const take = (at: number) => {
    const option = found[at];
    if (option) {
      onToggle(option.value);
    } else if (canCreate) {
      onCreate(wanted);
    }
    setText("");
    setIndex(0);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && count > 0) {
      event.preventDefault();
      const next = (marked + step + count) % count;
      setIndex(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && count > 0 && !event.nativeEvent.isComposing) {
      event.preventDefault();
      take(marked);
    }
  };
  return (
    <div className="grid w-56 gap-2">
      <input
        // biome-ignore lint/a11y/noAutofocus: it is what was just opened
        autoFocus
        role="combobox"
        aria-label={label}
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={count > 0 ? `${id}-${marked}` : undefined}
        value={text}
        maxLength={maxLength}
        onChange={(event) => {
          setText(event.target.value);
          setIndex(0);
        }}
        onKeyDown={onKeyDown}
        placeholder={onCreate ? "Find or create" : "Find"}
        autoComplete="off"
        className="h-9 w-full min-w-0 rounded-md border border-input bg-card px-2.5 text-base placeholder:text-muted-foreground sm:text-sm"
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={label}
        aria-multiselectable
        className="max-h-56 overflow-y-auto"
      >
        {found.map((option, at) => (
          <ComboboxRow
            key={option.value}
            id={`${id}-${at}`}
            isMarked={at === marked}
            isSelected={selected.includes(option.value)}
            icon={option.icon}
            onMark={() => setIndex(at)}
            onTake={() => take(at)}
          >
            {option.label}
          </ComboboxRow>
        ))}
        {canCreate && (
          <ComboboxRow
            id={`${id}-${found.length}`}
            isMarked={marked === found.length}
            isSelected={false}
            icon={<Plus aria-hidden />}
            onMark={() => setIndex(found.length)}
            onTake={() => take(found.length)}
          >
            Create “{wanted}”
          </ComboboxRow>
        )}
      </div>
      {count === 0 && (
        <p className="px-2 pb-1 text-muted-foreground text-sm">
          {wanted ? "Nothing is called like that." : "There is nothing yet."}
        </p>
      )}
    </div>
  );
}

interface ComboboxRowProps {
  id: string;
  isMarked: boolean;
  isSelected: boolean;
  icon: ReactNode;
  onMark: () => void;
  onTake: () => void;
  children: ReactNode;
}

function ComboboxRow({ id, isMarked, isSelected, icon, onMark, onTake, children }: ComboboxRowProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isSelected}
      onPointerMove={onMark}
      // The field keeps the focus.
      onPointerDown={(event) => event.preventDefault()}
      onClick={onTake}
      className={cn(
        "flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2 text-sm [&_svg]:size-4 [&_svg]:shrink-0",
        isMarked && "bg-muted",
      )}
    >
      {icon}
      <span className="min-w-0 grow truncate">{children}</span>
      {isSelected && <Check aria-hidden className="text-primary" />}
    </div>
  );
}
