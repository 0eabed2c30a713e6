import type { NextRequest } from "next/server";

import { handle } from "@/server/bff/handler";

interface Context {
  params: Promise<{ path: string[] }>;
}

const answer = async (request: NextRequest, { params }: Context) => handle(request, (await params).path);

export { answer as DELETE, answer as GET, answer as PATCH, answer as POST, answer as PUT };
