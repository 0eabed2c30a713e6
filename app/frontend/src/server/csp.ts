/** Tells a page of its nonce. */
export const NONCE_HEADER = "x-nonce";

/** The Content-Security-Policy of one page, whose own scripts carry the nonce. */
export function contentSecurityPolicy(nonce: string, isDevelopment: boolean): string {
  // React's and Next's development tools evaluate code, write styles and keep a socket open.
  const directives = {
    "default-src": "'self'",
    "script-src": `'self' 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ""}`,
    "style-src": isDevelopment ? "'self' 'unsafe-inline'" : `'self' 'nonce-${nonce}'`,
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": isDevelopment ? "'self' ws:" : "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
  };
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources}`)
    .join("; ");
}
