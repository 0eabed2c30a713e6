/**
 * First-load JavaScript: the scripts that a page's HTML names. With them it takes input; whatever they ask for comes beside the tasks.
 *
 * @param {import("@playwright/test").Page} page
 * @returns {Promise<number>}
 */
export function firstLoad(page) {
  return page.evaluate(async () => {
    const html = await (await fetch(window.location.href)).text();
    const scripts = new DOMParser().parseFromString(html, "text/html").querySelectorAll("script[src]:not([nomodule])");
    const names = new Set(
      Array.from(scripts, (script) => new URL(script.getAttribute("src"), window.location.href).href),
    );
    const loaded = performance.getEntriesByType("resource").filter(({ name }) => names.has(name));
    return loaded.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  });
}
