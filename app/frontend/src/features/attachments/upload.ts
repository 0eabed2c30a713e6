import { ApiError, isUnavailable } from "@/api";
import { connectionLost } from "@/api/connection";

/** Sends a file and tells how much of it is sent, from 0 to 1, which `fetch` can't. Throws an ApiError. */
export function upload(
  taskId: string,
  file: File,
  key: string,
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (status?: number, body?: unknown) => {
      const error = ApiError.from(status, body);
      if (isUnavailable(error)) {
        connectionLost();
      }
      reject(error);
    };
    const request = new XMLHttpRequest();
    request.open("POST", `/bff/tasks/${encodeURIComponent(taskId)}/attachments`);
    request.setRequestHeader("Idempotency-Key", key);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => (request.status === 201 ? resolve() : fail(request.status, parse(request.responseText)));
    request.onerror = () => fail();
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    const form = new FormData();
    form.set("file", file);
    request.send(form);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A size in few characters. */
export function describeSize(bytes: number): string {
  const units = ["B", "kB", "MB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}
