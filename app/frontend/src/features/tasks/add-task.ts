import type { QueryClient } from "@tanstack/react-query";

import { add, type NewTask } from "./actions";
import { run } from "./run";

export function addTask(client: QueryClient, fields: NewTask): void {
  run(client, add(fields));
}
