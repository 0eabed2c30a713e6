import type { Metadata } from "next";

import { Upcoming } from "@/features/tasks/upcoming";

export const metadata: Metadata = { title: "Upcoming" };

export default function UpcomingPage() {
  return <Upcoming />;
}
