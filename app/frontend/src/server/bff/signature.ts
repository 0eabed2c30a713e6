import { createHmac, timingSafeEqual } from "node:crypto";

const DIGESTS: Readonly<Record<string, string>> = { HS256: "sha256", HS384: "sha384", HS512: "sha512" };

/** Whether a JSON Web Token was signed with the secret. */
export function isSignedWith(secret: string, token: string): boolean {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const digest = DIGESTS[algorithmOf(header)];
  if (!digest) {
    return false;
  }
  const expected = createHmac(digest, secret).update(`${header}.${payload}`).digest();
  const received = Buffer.from(signature, "base64url");
  return received.length === expected.length && timingSafeEqual(received, expected);
}

function algorithmOf(header: string): string {
  try {
    return String((JSON.parse(Buffer.from(header, "base64url").toString()) as { alg?: unknown } | null)?.alg);
  } catch {
    return "";
  }
}
