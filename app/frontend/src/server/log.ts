const LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof LEVELS)[number];

type Fields = Readonly<Record<string, unknown>>;

/** The level that a setting names; undefined when it names none. */
export function parseLogLevel(value: string | undefined): LogLevel | undefined {
  const name = value?.trim().toLowerCase() || "info";
  return LEVELS.find((level) => level === (name === "warning" ? "warn" : name));
}

const threshold = thresholdOf(process.env);

/** Writes one JSON object a line to stdout. Never pass a token, a cookie or a request's body. */
export function log(level: LogLevel, message: string, fields: Fields = {}): void {
  if (LEVELS.indexOf(level) >= threshold) {
    const entry = { timestamp: new Date().toISOString(), level, service: "frontend", message, ...fields };
    process.stdout.write(`${JSON.stringify(entry)}\n`);
  }
}

// As an argument: where the bundler sees `process.env.NEXT_PUBLIC_*` it writes the value at build time.
function thresholdOf(env: Readonly<Record<string, string | undefined>>): number {
  return LEVELS.indexOf(parseLogLevel(env.NEXT_PUBLIC_LOG_LEVEL) ?? "info");
}

/** An error's class, message and cause for the log. */
export function describeError(error: unknown): Fields {
  if (!(error instanceof Error)) {
    return { error: String(error) };
  }
  const { cause } = error;
  return { error: `${error.name}: ${error.message}`, ...(cause instanceof Error && { cause: cause.message }) };
}
