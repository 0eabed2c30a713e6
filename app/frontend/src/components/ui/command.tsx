"use client";

import { type LucideIcon, Search } from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";

import { cn } from "@/lib/cn";
import { Kbd } from "./kbd";

export interface CommandOption {
  id: string;
  label: string;
  group: string;
  icon?: LucideIcon | undefined;
  keys?: string | undefined;
  /** Other words that find it. */
  keywords?: string | undefined;
}

interface CommandProps<Option extends CommandOption> {
  /** Names the field. */
  label: string;
  options: readonly Option[];
  onSelect: (option: Option) => void;
}

/** A field that narrows a list, of which Enter takes the marked one. */
export function Command<Option extends CommandOption>({ label, options, onSelect }: CommandProps<Option>) {
  const id = useId();
  const [text, setText] = useState("");
  const [index, setIndex] = useState(0);
  const found = search(options, text);
  const marked = found[Math.min(index, found.length - 1)];
  const groups = [...new Set(found.map((option) => option.group))];

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length > 0) {
      event.preventDefault();
      const next = (index + step + found.length) % found.length;
      setIndex(next);
      document.getElementById(`${id}-${found[next]?.id}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && marked && !event.nativeEvent.isComposing) {
      event.preventDefault();
      onSelect(marked);
    }
  };
  return (
    <>
      <div className="flex items-center gap-3 border-b px-4">
        <Search aria-hidden className="size-4 shrink-0 text-muted-foreground" />
        <input
          // biome-ignore lint/a11y/noAutofocus: it is all there is to do here
          autoFocus
          role="combobox"
          aria-label={label}
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={marked && `${id}-${marked.id}`}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setIndex(0);
          }}
          onKeyDown={onKeyDown}
          placeholder={label}
          autoComplete="off"
          spellCheck={false}
          className="h-12 min-w-0 grow bg-transparent outline-none placeholder:text-muted-foreground"
        />
      </div>
      <div id={`${id}-list`} role="listbox" aria-label={label} className="min-h-0 overflow-y-auto p-2">
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a list box has no fieldset
          <div key={group} role="group" aria-labelledby={`${id}-${group}`}>
            <div id={`${id}-${group}`} className="px-2 pt-2 pb-1 text-muted-foreground text-xs">
              {group}
            </div>
            {found
              .filter((option) => option.group === group)
              .map((option) => (
                <CommandRow
                  key={option.id}
                  id={`${id}-${option.id}`}
                  option={option}
                  isMarked={option === marked}
                  onMark={() => setIndex(found.indexOf(option))}
                  onSelect={() => onSelect(option)}
                />
              ))}
          </div>
        ))}
      </div>
      <p
        role="status"
        className={found.length > 0 ? "sr-only" : "px-4 pt-2 pb-8 text-center text-muted-foreground text-sm"}
      >
        {found.length > 0 ? `${found.length} found` : "Nothing is called like that."}
      </p>
    </>
  );
}

interface CommandRowProps {
  id: string;
  option: CommandOption;
  isMarked: boolean;
  onMark: () => void;
  onSelect: () => void;
}

function CommandRow({ id, option: { icon: Icon, label, keys }, isMarked, onMark, onSelect }: CommandRowProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isMarked}
      onPointerMove={onMark}
      onClick={onSelect}
      className={cn("flex h-10 cursor-pointer items-center gap-3 rounded-md px-2 text-sm", isMarked && "bg-muted")}
    >
      {Icon && <Icon aria-hidden className="size-4 shrink-0 text-muted-foreground" />}
      <span className="min-w-0 grow truncate">{label}</span>
      {keys && <Kbd keys={keys} className="text-muted-foreground" />}
    </div>
  );
}

/** Those in which every word is found, the ones that begin with the text first; each group stays together. */
function search<Option extends CommandOption>(options: readonly Option[], text: string): Option[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = options.filter((option) => {
    const hay = `${option.label} ${option.group} ${option.keywords ?? ""}`.toLowerCase();
    return words.every((word) => hay.includes(word));
  });
  const begins = (option: Option) => Number(!option.label.toLowerCase().startsWith(text.trim().toLowerCase()));
  const sorted = hits.toSorted((one, other) => begins(one) - begins(other));
  const groups = [...new Set(sorted.map((option) => option.group))];
  return groups.flatMap((group) => sorted.filter((option) => option.group === group));
}
