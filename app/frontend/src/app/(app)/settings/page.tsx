import type { Metadata } from "next";

import { Page } from "@/components/page";
import { AppearanceSettings } from "@/features/settings/appearance-settings";
import { DeleteAccount } from "@/features/settings/delete-account";
import { CalendarFeed, DataTransfer, Sessions, Tags } from "@/features/settings/lazy";
import { PasswordForm } from "@/features/settings/password-form";
import { ProfileForm } from "@/features/settings/profile-form";

export const metadata: Metadata = { title: "Settings" };

export default function SettingsPage() {
  return (
    <Page title="Settings">
      <ProfileForm />
      <PasswordForm />
      <AppearanceSettings />
      <Tags />
      <Sessions />
      <CalendarFeed />
      <DataTransfer />
      <DeleteAccount />
    </Page>
  );
}
