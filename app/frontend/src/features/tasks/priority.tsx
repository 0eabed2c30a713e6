import { ArrowDown, Equal, Flag } from "lucide-react";

import type { TaskPriority } from "@/api";

export const PRIORITY_NAMES: Readonly<Record<TaskPriority, string>> = { high: "High", medium: "Medium", low: "Low" };

const ICONS = { high: Flag, medium: Equal, low: ArrowDown };
const COLORS = { high: "text-destructive", medium: "text-muted-foreground", low: "text-muted-foreground" };

export function PriorityIcon({ priority }: { priority: TaskPriority }) {
  const Icon = ICONS[priority];
  return <Icon aria-hidden className={COLORS[priority]} />;
}
