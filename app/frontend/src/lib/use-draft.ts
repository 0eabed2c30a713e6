import { useEffect, useRef, useState } from "react";

const PAUSE_MS = 1_000;

interface Draft {
  draft: string | undefined;
  saved: string;
  save: (text: string) => void;
}

/**
 * A text that is being changed: saved when one pauses, leaves it, or it goes away.
 * Until then it is kept as typed, whatever the saved text becomes meanwhile.
 */
export function useDraft(saved: string, save: (text: string) => void) {
  const [draft, setDraft] = useState<string | undefined>();
  const latest = useRef<Draft>({ draft, saved, save });
  latest.current = { draft, saved, save };

  const commit = () => {
    const { draft: text, saved: before, save: send } = latest.current;
    if (text !== undefined && text !== before) {
      send(text);
    }
    latest.current.draft = undefined;
    setDraft(undefined);
  };
  const commitNow = useRef(commit);
  commitNow.current = commit;

  useEffect(() => {
    if (draft === undefined) {
      return;
    }
    const timer = setTimeout(() => {
      const { saved: before, save: send } = latest.current;
      if (draft !== before) {
        send(draft);
      }
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  useEffect(() => () => commitNow.current(), []);

  return { text: draft ?? saved, setText: setDraft, commit };
}
