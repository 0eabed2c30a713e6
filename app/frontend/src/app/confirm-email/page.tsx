import type { Metadata } from "next";

import { CardPage } from "@/components/card-page";
import { ConfirmEmail } from "@/features/auth/confirm-email";

export const metadata: Metadata = { title: "Confirm your e-mail address" };

export default function ConfirmEmailPage() {
  return (
    <CardPage>
      <ConfirmEmail />
    </CardPage>
  );
}
