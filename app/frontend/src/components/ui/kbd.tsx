import { cn } from "@/lib/cn";

const NAMES: Readonly<Record<string, string>> = { mod: "Ctrl", escape: "Esc", enter: "↵", shift: "⇧" };

/** A shortcut as it is written: keys held together with `+`, one after the other with a space. */
export function Kbd({ keys, className }: { keys: string; className?: string }) {
  return (
    <kbd className={cn("inline-flex items-center gap-1 font-sans text-xs", className)}>
      {keys.split(" ").map((chord, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same key may come twice
        <span key={index} className="whitespace-nowrap rounded border border-current/25 px-1.5 py-0.5 leading-none">
          {chord
            .split("+")
            .map((key) => NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key))
            .join(" ")}
        </span>
      ))}
    </kbd>
  );
}
