/** What a reader waits for: the verdict on the log. */
// biome-ignore-all lint/performance/useDomNodeTextContent: what a reader sees is asked for, and that is not all text
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

export const PATIENCE_MS = 120_000

export const textOf = (page: Page, selector: string) => page.locator(selector).innerText()

/** The verdict on the log is reached beside the requests: until then the page says that it is on its way. */
export async function untilFollowed(page: Page): Promise<void> {
  await expect
    .poll(
      async () => {
        await page.reload()
        return textOf(page, '.health .verdict')
      },
      { timeout: PATIENCE_MS, interval: 1000 },
    )
    .toMatch(/whole|fault/)
}
