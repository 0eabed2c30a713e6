import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import {
  createReminder,
  deleteReminder,
  dismissReminder,
  isUnavailable,
  listDueReminders,
  listReminders,
  type ReminderCreate,
} from "@/api";
import { taskKey } from "@/features/tasks/task-cache";
import { uniqueKey } from "@/lib/key";

const COME_UP_KEY = ["reminders"] as const;
const LOOK_MS = 30_000;

/** The reminders of a task, and the ways to change them. */
export function useReminders(taskId: string) {
  const client = useQueryClient();
  const queryKey = [...taskKey(taskId), "reminders"];
  const options = {
    retry: (_count: number, error: Error) => isUnavailable(error),
    onSuccess: async () => {
      await Promise.all([queryKey, COME_UP_KEY].map((key) => client.invalidateQueries({ queryKey: key })));
    },
  };
  const list = useQuery({
    queryKey,
    queryFn: ({ signal }) => listReminders({ path: { task_id: taskId }, signal }),
  });
  const create = useMutation({
    ...options,
    mutationFn: ({ body, key }: { body: ReminderCreate; key: string }) =>
      createReminder({ path: { task_id: taskId }, body, headers: { "Idempotency-Key": key } }),
  });
  const remove = useMutation({
    ...options,
    mutationFn: (id: string) => deleteReminder({ path: { reminder_id: id } }),
  });
  return {
    reminders: list.data?.items ?? [],
    error: list.error ?? create.error ?? remove.error,
    add: (body: ReminderCreate) => create.mutate({ body, key: uniqueKey() }),
    remove: remove.mutate,
  };
}

/** What has come up and was not seen yet. */
export function useComeUp() {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: COME_UP_KEY,
    queryFn: ({ signal }) => listDueReminders({ query: { limit: 3 }, signal }),
    refetchInterval: LOOK_MS,
  });
  const { mutate: dismiss } = useMutation({
    mutationFn: (id: string) => dismissReminder({ path: { reminder_id: id } }),
    retry: (_count, error) => isUnavailable(error),
    onSettled: () => client.invalidateQueries({ queryKey: COME_UP_KEY }),
  });
  return { reminders: data?.items ?? [], dismiss };
}
