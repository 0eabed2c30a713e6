/** The API as the browser reaches it: generated functions that give data or throw an ApiError. */
import { connectionLost } from "./connection";
import { ApiError, isUnavailable } from "./error";
import { client } from "./generated/client.gen";

client.interceptors.error.use((body, response: Response | undefined, request: Request | undefined) => {
  const error = request?.signal.aborted ? body : ApiError.from(response?.status, body);
  if (isUnavailable(error)) {
    connectionLost();
  }
  return error;
});

export { ApiError, isUnavailable } from "./error";
export * from "./generated";
