import { NextResponse } from "next/server";

/** An answer of this server's own, as RFC 9457 writes it. Thrown where the request can't go on. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`${title}: ${detail}`, options);
    this.name = "Problem";
  }

  toResponse(requestId: string): NextResponse {
    const body = {
      type: "about:blank",
      title: this.title,
      status: this.status,
      detail: this.detail,
      request_id: requestId,
    };
    return new NextResponse(JSON.stringify(body), {
      status: this.status,
      headers: {
        "content-type": "application/problem+json",
        ...(this.status === 503 && { "retry-after": "3" }),
      },
    });
  }
}
