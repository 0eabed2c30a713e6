"use client";

import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

import { Card } from "@/components/ui/card";
import { cn } from "@/lib/cn";
import { SelectRow } from "./select-row";
import type { Selection } from "./selection";
import type { Task } from "./task-cache";
import { TaskRow } from "./task-row";
import type { TaskListData } from "./use-tasks";

/** How many rows before its end the next page of a list is asked for. */
const AHEAD = 40;
const ROW_HEIGHT = 53;

export interface Group {
  key: string;
  label: string;
}

export interface TaskRowsProps {
  list: TaskListData;
  tasks: readonly Task[];
  leavesWhenToggled: boolean;
  selection?: Selection;
  /** Which heading a task stands under; tasks of one group come one after the other. */
  groupOf?: (task: Task) => Group;
}

type Item = Task | Group;

/** As much of a list as can be seen, and a little more. */
export default function TaskRows(props: TaskRowsProps) {
  const { list, tasks, leavesWhenToggled, selection, groupOf } = props;
  const ref = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  const items = useMemo(() => withHeadings(tasks, groupOf), [tasks, groupOf]);
  // A new function would be taken for a new list, and all of it be measured again at each drawing.
  const getItemKey = useCallback((index: number) => keyOf(items[index]), [items]);
  const virtualizer = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => ROW_HEIGHT,
    getItemKey,
    overscan: 3,
    scrollMargin: top,
  });
  useLayoutEffect(() => {
    const measure = () => setTop((ref.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measure();
    // What is above the list moves it: the page is then as much longer. To look at each scrolling would hold it up.
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  const rows = virtualizer.getVirtualItems();
  const isNearEnd = (rows.at(-1)?.index ?? 0) >= items.length - AHEAD;
  const { hasMore, isFetching, fetchMore } = list;
  useEffect(() => {
    if (isNearEnd && hasMore && !isFetching) {
      void fetchMore();
    }
  }, [isNearEnd, hasMore, isFetching, fetchMore]);

  return (
    <Card className="overflow-clip">
      <ul ref={ref} aria-label="Tasks" className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {rows.map(({ key, index, start }) => {
          const item = items[index];
          return (
            item && (
              <li
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                // By the index: if the first row in the page had no line, each would change its height on its way out.
                className={cn("absolute inset-x-0 top-0", index > 0 && "border-t")}
                style={{ transform: `translateY(${start - top}px)` }}
              >
                {!isTask(item) ? (
                  <h2 className="bg-muted/50 px-4 py-2 font-medium text-muted-foreground text-sm">{item.label}</h2>
                ) : selection?.isOn ? (
                  <SelectRow task={item} isSelected={selection.ids.has(item.id)} onToggle={selection.toggle} />
                ) : (
                  <TaskRow task={item} leavesWhenToggled={leavesWhenToggled} />
                )}
              </li>
            )
          );
        })}
      </ul>
    </Card>
  );
}

function withHeadings(tasks: readonly Task[], groupOf: TaskRowsProps["groupOf"]): readonly Item[] {
  if (!groupOf) {
    return tasks;
  }
  const items: Item[] = [];
  let last: string | undefined;
  for (const task of tasks) {
    const group = groupOf(task);
    if (group.key !== last) {
      items.push(group);
      last = group.key;
    }
    items.push(task);
  }
  return items;
}

function isTask(item: Item): item is Task {
  return "title" in item;
}

function keyOf(item: Item | undefined): string {
  return item ? (isTask(item) ? item.id : `group-${item.key}`) : "";
}
