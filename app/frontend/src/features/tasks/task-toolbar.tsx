"use client";

import { ListChecks, Search, SlidersHorizontal, X } from "lucide-react";
import dynamic from "next/dynamic";
import { type ReactNode, useEffect, useRef, useState } from "react";

import type { TaskSort } from "@/api";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Popover } from "@/components/ui/popover";
import { Select } from "@/components/ui/select";
import { Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/cn";
import { useDebounced } from "@/lib/use-debounced";
import { useHydrated } from "@/lib/use-hydrated";
import { countConditions, type Filter, NEWEST, SORTS } from "./filter";
import { StateFilter } from "./state-filter";

const FilterEditor = dynamic(() => import("@/features/filters/filter-editor"), {
  ssr: false,
  loading: () => <Skeleton className="h-80 w-72" />,
});

interface TaskToolbarProps {
  filter: Filter;
  onChange: (filter: Filter) => void;
  onSelect: () => void;
  /** What can be done with the filter as a whole. */
  children?: ReactNode;
}

/** What of a list to show, and in which order. */
export function TaskToolbar({ filter, onChange, onSelect, children }: TaskToolbarProps) {
  const isReady = useHydrated();
  const count = countConditions(filter);
  return (
    <div className="grid gap-2.5">
      <div className="flex flex-wrap items-center gap-2">
        <SearchField value={filter.search ?? ""} onChange={(search) => onChange({ ...filter, search })} />
        <Popover
          label="Filter"
          disabled={!isReady}
          triggerClassName={cn(
            "inline-flex h-10 cursor-pointer items-center gap-2 rounded-md border bg-card px-3 text-sm shadow-xs hover:bg-muted",
            count > 0 && "border-primary text-primary",
          )}
          className="[position-area:bottom_span-left]"
          trigger={
            <>
              <SlidersHorizontal aria-hidden className="size-4" />
              Filter
              {count > 0 && <span className="font-medium">{count}</span>}
            </>
          }
        >
          {() => <FilterEditor filter={filter} onChange={onChange} />}
        </Popover>
        <Select<TaskSort>
          aria-label="Order"
          disabled={!isReady}
          value={filter.sort ?? NEWEST}
          options={SORTS}
          onChange={(sort) => onChange({ ...filter, sort })}
          className="grow sm:grow-0"
        />
      </div>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-2">
        <StateFilter
          value={filter.is_completed ?? undefined}
          onChange={(is_completed) => onChange({ ...filter, is_completed: is_completed ?? null })}
        />
        <Button variant="ghost" size="small" disabled={!isReady} onClick={onSelect}>
          <ListChecks aria-hidden />
          Select
        </Button>
        {children}
      </div>
    </div>
  );
}

function SearchField({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const isReady = useHydrated();
  const [text, setText] = useState(value);
  const settled = useDebounced(text, 250);
  const sent = useRef(value);

  useEffect(() => {
    if (settled !== sent.current) {
      sent.current = settled;
      onChange(settled);
    }
  }, [settled, onChange]);
  // Changed from elsewhere, such as by taking away all conditions.
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);
  return (
    <div className="relative min-w-48 grow">
      <Search aria-hidden className="pointer-events-none absolute top-3 left-3 size-4 text-muted-foreground" />
      <Input
        type="search"
        aria-label="Search"
        placeholder="Search"
        maxLength={200}
        disabled={!isReady}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && setText("")}
        className="px-9 [&::-webkit-search-cancel-button]:hidden"
      />
      {text && (
        <button
          type="button"
          aria-label="Clear the search"
          onClick={() => setText("")}
          className="absolute top-1 right-1 grid size-8 cursor-pointer place-items-center rounded-md text-muted-foreground hover:text-foreground"
        >
          <X aria-hidden className="size-4" />
        </button>
      )}
    </div>
  );
}
