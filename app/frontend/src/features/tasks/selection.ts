import { useCallback, useMemo, useState } from "react";

import type { Task } from "./task-cache";

export interface Selection {
  isOn: boolean;
  ids: ReadonlySet<string>;
  start: (id?: string) => void;
  end: () => void;
  /** Takes a task in or out; with `isRange` all from the one before on. */
  toggle: (id: string, isRange: boolean) => void;
  all: () => void;
}

interface State {
  isOn: boolean;
  ids: ReadonlySet<string>;
  last: string | undefined;
}

const NOTHING: State = { isOn: false, ids: new Set(), last: undefined };

/** Which tasks of a list are chosen to be changed together. */
export function useSelection(tasks: readonly Task[] | undefined): Selection {
  const [{ isOn, ids }, setState] = useState(NOTHING);
  const start = useCallback((id?: string) => setState({ isOn: true, ids: new Set(id ? [id] : []), last: id }), []);
  const end = useCallback(() => setState(NOTHING), []);
  const toggle = useCallback(
    (id: string, isRange: boolean) =>
      setState(({ ids: before, last: from }) => {
        const next = new Set(before);
        for (const one of isRange && from && tasks ? range(tasks, from, id) : [id]) {
          if (before.has(id)) {
            next.delete(one);
          } else {
            next.add(one);
          }
        }
        return { isOn: true, ids: next, last: id };
      }),
    [tasks],
  );
  const all = () => setState({ isOn: true, ids: new Set(tasks?.map(({ id }) => id)), last: undefined });
  // What is not in the list any more is not chosen either.
  const chosen = useMemo(() => {
    const present = new Set(tasks?.map(({ id }) => id));
    return new Set([...ids].filter((id) => present.has(id)));
  }, [tasks, ids]);
  return { isOn, ids: chosen, start, end, toggle, all };
}

function range(tasks: readonly Task[], from: string, to: string): string[] {
  const ends = [from, to].map((id) => tasks.findIndex((task) => task.id === id)).sort((a, b) => a - b);
  const [first = 0, last = 0] = ends;
  return tasks.slice(Math.max(first, 0), last + 1).map(({ id }) => id);
}
