import { Skeleton } from "@/components/ui/skeleton";

const WIDTHS = ["w-2/3", "w-1/2", "w-3/5", "w-2/5"];

export function TasksLoading() {
  return (
    <div role="status">
      <span className="sr-only">Loading your tasks</span>
      <ul aria-hidden className="divide-y">
        {WIDTHS.map((width) => (
          <li key={width} className="flex h-13 items-center gap-4 px-4">
            <Skeleton className="size-5.5 rounded-full" />
            <Skeleton className={`h-4 ${width}`} />
          </li>
        ))}
      </ul>
    </div>
  );
}
