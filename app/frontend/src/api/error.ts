import type { Problem } from "./generated";

const NO_ANSWER = 0;
const UNAVAILABLE = new Set([NO_ANSWER, 502, 503, 504]);

/** An answer that is not a success, or, with status 0, no answer at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** What is wrong with each field of the request's body, by its name. */
    readonly fields: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** Makes one of what came back: a problem document, whatever else it may be, or nothing. */
  static from(status: number | undefined, body: unknown): ApiError {
    if (status === undefined) {
      return new ApiError(NO_ANSWER, "The app can't be reached. Please try again in a moment.");
    }
    const { detail, errors = [] } = ((typeof body === "object" ? body : null) as Partial<Problem> | null) ?? {};
    const fields = Object.fromEntries(errors.map((error) => [error.field, error.detail]));
    return new ApiError(status, detail || `The app answered with an error (${status}).`, fields);
  }
}

/** Whether nobody could answer, so that trying again later makes sense. */
export function isUnavailable(error: unknown): error is ApiError {
  return error instanceof ApiError && UNAVAILABLE.has(error.status);
}
