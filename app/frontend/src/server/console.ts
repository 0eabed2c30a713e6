import { format, stripVTControlCharacters } from "node:util";

import { type LogLevel, log } from "./log";

/** Turns what libraries print into log lines. */
export function logConsole(): void {
  const write =
    (level: LogLevel) =>
    (...values: unknown[]): void => {
      const message = stripVTControlCharacters(format(...values)).trim();
      if (message) {
        log(level, message);
      }
    };
  Object.assign(console, {
    debug: write("debug"),
    log: write("info"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  });
}
