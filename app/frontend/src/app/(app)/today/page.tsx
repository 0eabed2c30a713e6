import type { Metadata } from "next";

import { Today } from "@/features/tasks/today";

export const metadata: Metadata = { title: "Today" };

export default function TodayPage() {
  return <Today />;
}
