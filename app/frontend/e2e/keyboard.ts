import { expect, type Locator, type Page } from "@playwright/test";

/** No control is more key presses away. */
const FAR = 400;

/** From here on a story does with the keyboard what it would do with a pointer, and fails where no key leads. */
export function leavePointer(page: Page): void {
  Object.assign(Object.getPrototypeOf(page.locator("html")), KEYBOARD);
}

const KEYBOARD = {
  async focus(this: Locator): Promise<void> {
    await reach(this);
  },

  async click(this: Locator, { modifiers = [] }: { modifiers?: string[] } = {}): Promise<void> {
    await reach(this);
    await press(this.page(), modifiers);
  },

  async check(this: Locator): Promise<void> {
    await set(this, true);
  },

  async uncheck(this: Locator): Promise<void> {
    await set(this, false);
  },

  async fill(this: Locator, text: string): Promise<void> {
    await reach(this);
    const { keyboard } = this.page();
    const [year, month, day, time] = text.split(/[-T]/);
    if ((await this.getAttribute("type"))?.startsWith("date")) {
      // Whichever part of the field has the focus: to its first one.
      do {
        await keyboard.press("Shift+Tab");
      } while (!(await this.evaluate(keyTowards)));
      await keyboard.press("Tab");
      await keyboard.type(`${month}${day}${year}`);
      await keyboard.press("ArrowRight");
      await keyboard.type(time ? `${time.replace(":", "")}AM` : "");
    } else {
      await keyboard.press("ControlOrMeta+a");
      await (text ? keyboard.type(text) : keyboard.press("Delete"));
    }
  },

  async selectOption(this: Locator, wanted: string): Promise<void> {
    await reach(this);
    for (let step = await stepsTo(this, wanted); step !== 0; step = await stepsTo(this, wanted)) {
      await this.page().keyboard.press(step > 0 ? "ArrowDown" : "ArrowUp");
    }
  },
};

/** Goes to a control as someone without a pointer does: by Tab, and inside of menus, tables and the like by arrows. */
async function reach(locator: Locator): Promise<void> {
  await expect(locator).toBeVisible();
  await expect(locator).toBeEnabled();
  for (let presses = 0; presses < FAR; presses++) {
    const key = await locator.evaluate(keyTowards);
    if (!key) {
      return;
    }
    await locator.page().keyboard.press(key);
  }
  throw new Error(`No key leads to ${locator}`);
}

/** In the browser: the next key on the way to a control; nothing when it has the focus. */
function keyTowards(element: Element): string | undefined {
  const control = element.closest("label")?.control ?? element.closest<HTMLElement>("a, button, input, summary");
  const target = control ?? (element as HTMLElement);
  const active = document.activeElement ?? document.body;
  if (active === target) {
    return undefined;
  }
  const isBack = Boolean(target.compareDocumentPosition(active) & Node.DOCUMENT_POSITION_FOLLOWING);
  const group = target.closest("[role=menu], [role=tablist], table");
  const isRadio = target.matches("[type=radio]") && active.getAttribute("name") === target.getAttribute("name");
  if (!group?.contains(active) && !isRadio) {
    return isBack ? "Shift+Tab" : "Tab";
  }
  if (group?.role === "menu") {
    return isBack ? "ArrowUp" : "ArrowDown";
  }
  return isBack ? "ArrowLeft" : "ArrowRight";
}

/** Presses what has the focus. */
async function press(page: Page, modifiers: readonly string[] = []): Promise<void> {
  const key = await page.evaluate(() => (document.activeElement?.matches("a, button, summary") ? "Enter" : "Space"));
  await page.keyboard.press([...modifiers, key].join("+"));
}

async function set(locator: Locator, isChecked: boolean): Promise<void> {
  await reach(locator);
  if ((await locator.isChecked()) !== isChecked) {
    await press(locator.page());
  }
  await expect(locator).toBeChecked({ checked: isChecked });
}

async function stepsTo(locator: Locator, wanted: string): Promise<number> {
  return locator.evaluate((element, text) => {
    const { options, selectedIndex } = element as HTMLSelectElement;
    const index = Array.from(options).findIndex(({ label, value }) => label === text || value === text);
    return index - selectedIndex;
  }, wanted);
}
