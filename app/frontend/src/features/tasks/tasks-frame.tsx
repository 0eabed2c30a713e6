"use client";

import { ListPlus, Search, Undo2 } from "lucide-react";
import dynamic from "next/dynamic";
import type { ReactNode } from "react";

import { Page } from "@/components/page";
import { type AppCommand, useCommands } from "@/features/commands/registry";
import { Failures } from "./lazy";
import { useOpenTask } from "./open-task";
import { undoLatest } from "./undo-latest";

const TaskPanel = dynamic(() => import("./task-panel"), { ssr: false });

const COMMANDS: readonly AppCommand[] = [
  { id: "new-task", label: "New task", group: "Tasks", icon: ListPlus, keys: "n", run: () => focus("[data-composer]") },
  { id: "search", label: "Search tasks", group: "Tasks", icon: Search, keys: "/", run: () => focus("[type=search]") },
  { id: "undo", label: "Undo", group: "Tasks", icon: Undo2, keys: "z", run: undoLatest },
];

interface TasksFrameProps {
  title: string;
  actions?: ReactNode;
  isWide?: boolean;
  children: ReactNode;
}

/** What every page of tasks has: its heading, what could not be done, and the task that is looked at. */
export function TasksFrame({ children, ...page }: TasksFrameProps) {
  const openTask = useOpenTask();
  useCommands(COMMANDS);
  return (
    <>
      <Page {...page}>
        <Failures />
        {children}
      </Page>
      {openTask && <TaskPanel key={openTask} id={openTask} />}
    </>
  );
}

function focus(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.focus();
}
