import type { Metadata } from "next";

import { Page } from "@/components/page";
import { AppearanceSettings } from "@/features/settings/appearance-settings";
import { CalendarFeed } from "@/features/settings/calendar-feed";
import { DataTransfer } from "@/features/settings/data-transfer";
import { DeleteAccount } from "@/features/settings/delete-account";
import { PasswordForm } from "@/features/settings/password-form";
import { ProfileForm } from "@/features/settings/profile-form";
import { Sessions } from "@/features/settings/sessions";

export const metadata: Metadata = { title: "Settings" };

export default function SettingsPage() {
  return (
    <Page title="Settings">
      <ProfileForm />
      <PasswordForm />
      <AppearanceSettings />
      <Sessions />
      <CalendarFeed />
      <DataTransfer />
      <DeleteAccount />
    </Page>
  );
}
