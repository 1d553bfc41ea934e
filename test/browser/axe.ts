/** What a page may never have: anything that axe finds, and anything wider than its window. */
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** @param about names the page where it fails */
export async function expectWell(page: Page, about: string): Promise<void> {
  expect([about, await page.evaluate('document.documentElement.scrollWidth <= innerWidth')]).toEqual([about, true])
  await page.evaluate(axe.source)
  const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults
  expect([about, violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))]).toEqual([about, []])
}
