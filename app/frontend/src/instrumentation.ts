import type { Instrumentation } from "next";

import { describeError, log } from "./server/log";

/** A page that could not be rendered: Next tells nobody else. */
export const onRequestError: Instrumentation.onRequestError = (error, { path, method, headers }) => {
  log("error", "page failed", {
    method,
    path: path.split("?", 1)[0],
    request_id: headers["x-request-id"],
    ...describeError(error),
  });
};
