import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { uniqueKey } from "@/lib/key";
import { attachmentsKey } from "./attachments-key";
import { upload } from "./upload";

/** A file on its way. */
export interface Upload {
  key: string;
  file: File;
  /** How much of it is sent, from 0 to 1. */
  part: number;
  error?: Error | undefined;
  cancel: () => void;
}

/** Sends files to a task, and keeps those that are not there yet. */
export function useUploads(taskId: string) {
  const client = useQueryClient();
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const update = (key: string, changes: Partial<Upload>) =>
    setUploads((all) => all.map((one) => (one.key === key ? { ...one, ...changes } : one)));
  const forget = (key: string) => setUploads((all) => all.filter((one) => one.key !== key));

  const start = async (file: File, key = uniqueKey()) => {
    const controller = new AbortController();
    const cancel = () => {
      controller.abort();
      forget(key);
    };
    setUploads((all) => [...all.filter((one) => one.key !== key), { key, file, part: 0, cancel }]);
    try {
      await upload(taskId, file, key, (part) => update(key, { part }), controller.signal);
      await client.invalidateQueries({ queryKey: attachmentsKey(taskId) });
      forget(key);
    } catch (error) {
      if (!controller.signal.aborted) {
        update(key, { error: error as Error });
      }
    }
  };
  const add = (files: Iterable<File>) => {
    for (const file of files) {
      void start(file);
    }
  };
  // Under the same key, so that a file that did arrive is not there twice.
  const retry = ({ file, key }: Upload) => void start(file, key);
  return { uploads, add, retry };
}
