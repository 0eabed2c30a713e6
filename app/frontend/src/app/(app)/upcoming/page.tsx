import type { Metadata } from "next";

import { Upcoming } from "@/features/tasks/pages";

export const metadata: Metadata = { title: "Upcoming" };

export default function UpcomingPage() {
  return <Upcoming />;
}
