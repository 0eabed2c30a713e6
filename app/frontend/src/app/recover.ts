/**
 * Loads a page again whose scripts did not come, as when the network changes in between: nobody else would.
 * Not while someone does something there, and not over and over. It is put into the page, before all other scripts.
 */
export function recover(): void {
  const key = "todo-reloaded";
  const pauseMs = 10_000;
  const onError = ({ target }: Event): void => {
    const isFresh = Date.now() - Number(sessionStorage.getItem(key)) > pauseMs;
    if (target instanceof HTMLScriptElement && isFresh && !navigator.userActivation?.hasBeenActive) {
      sessionStorage.setItem(key, String(Date.now()));
      if (navigator.onLine) {
        window.location.reload();
      } else {
        window.addEventListener("online", () => window.location.reload());
      }
    }
  };
  window.addEventListener("error", onError, true);
}
