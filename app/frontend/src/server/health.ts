/** What the documents' probes read: this server answers, whatever the backend does. */
export function health(): Response {
  return Response.json(
    { status: "healthy", timestamp: new Date().toISOString(), service: "frontend" },
    { headers: { "cache-control": "no-store" } },
  );
}
