import type { ToolPart } from "./entries";

/** A call in words: `add_task` for “Milk” is “Add task: Milk”. */
export function describeTool({ name, arguments: given, outcome }: ToolPart): string {
  const words = name.replaceAll("_", " ");
  const verb = words.charAt(0).toUpperCase() + words.slice(1);
  const about = aboutOf(outcome?.result) ?? aboutOf(given);
  return about ? `${verb}: ${about}` : verb;
}

function aboutOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const { error, title, name, query, items } = value as Readonly<Record<string, unknown>>;
  const text = [error, title, name, query].find((candidate) => typeof candidate === "string");
  return text ?? (Array.isArray(items) ? `${items.length} found` : undefined);
}
