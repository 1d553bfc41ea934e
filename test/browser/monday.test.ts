/**
 * The questions of a Monday, put to the pages in a real browser: by mouse and keyboard, with and without scripts, wide and narrow.
 * `UPDATE_DOCS=1` takes the screenshots of src/review/screenshots anew.
 */
// biome-ignore-all lint/performance/useDomNodeTextContent: what a reader sees is asked for, and that is not all text
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chained, NOON, start, writeLog } from '../io/audit/logs.ts'
import { type InProcess, inProcess } from '../review/in-process.ts'
import { NOW, writeMonth } from '../review/month.ts'
import { expectWell } from './axe.ts'
import { startChromium } from './chromium.ts'
import { PATIENCE_MS, textOf, untilFollowed } from './followed.ts'
import { PATHS, SHOTS } from './looked-at.ts'
import { twoPolicies } from './two-policies.ts'

const ROOT = join(import.meta.dirname, '../..')
const SCREENSHOTS = join(ROOT, 'src/review/screenshots')
const policy = join(ROOT, 'policies')

/** Until then the example let fraud detection delete from the ledger. */
const STRICTER_SINCE_DAYS = 12
const policies = mkdtempSync(join(tmpdir(), 'kerbside-policies-'))

/** What a page is asked for that tells the two apart: their hashes. */
let two = ''
let today = ''
let review: InProcess
let browser: Browser
/** Added to the clock of the pages. */
let aheadMs = 0
/** What browsers complained of: a script or style that the policy of the page refuses, for one. */
const complaints: string[] = []

beforeAll(async () => {
  const { archive, keysFile, earlier, later } = await twoPolicies(policies, policy)
  today = later.hash
  two = String(new URLSearchParams({ before: earlier.hash, after: today }))
  const fill = (directory: string) => void writeMonth(directory, later, { bundle: earlier, days: STRICTER_SINCE_DAYS })
  review = await inProcess({ clock: () => NOW + aheadMs, policy, archive, keysFile, fill })
  browser = await startChromium()
}, 600_000)
afterAll(async () => {
  await browser?.close()
  await review?.close()
  rmSync(policies, { recursive: true, force: true })
}, PATIENCE_MS)

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    timezoneId: 'Asia/Tokyo',
    ...options,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  page.on('console', (message) => void complaints.push(message.text()))
  page.on('pageerror', (error) => void complaints.push(error.message))
  await page.goto(urlOf(path))
  return page
}
const urlOf = (path: string) => `${review.url}${path === '/policy/diff' ? `${path}?${two}` : path}`
const section = (page: Page, heading: string) => page.getByRole('region', { name: heading, exact: true })

describe('on a Monday one finds out', { timeout: PATIENCE_MS * 2 }, () => {
  it('what was denied last week, to whom, and what would allow it', async () => {
    const page = await open('/')
    const denials = await section(page, 'Most frequent denials').innerText()
    expect(denials).toMatch(
      /climate-models\s+climate\s+OPEN in no dataset\s+the path is in no dataset that this team was granted/,
    )
    await page.locator('.figures a').nth(1).click()
    await page.waitForURL(/decision=deny/)
    const facets = await page.getByRole('navigation', { name: 'Narrow down' }).innerText()
    for (const who of ['climate-models', 'fraud-detection', 'quant-research']) expect(facets).toContain(who)
    await page.getByRole('link', { name: /^fraud-detection/ }).click()
    await page.waitForURL(/identity=fraud-detection/)
    await page.getByRole('link', { name: 'What would allow it' }).first().click()
    expect(await textOf(page, 'main')).toContain('in grant fraud-reads-ledger, add delete to actions')
    await page.context().close()
  })

  it('who read this dataset since March, and who only may', async () => {
    const page = await open('/records?dataset=market&operation=OPEN')
    await page.locator('#rows').getByRole('link', { name: 'market', exact: true }).first().click()
    await page.getByLabel('Since (UTC)').fill('2026-03-01')
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await page.waitForURL(/from=2026-03-01/)
    const people = await section(page, 'Who touched it, and who may').innerText()
    expect(people).toMatch(/quant-research\s+quant\s+\d+ OPEN \d+/)
    expect(people).toMatch(/risk-models\s+risk\s+did not\s+read/)
    await page.context().close()
  })

  it('what this job touched', async () => {
    const page = await open('/records?identity=climate-models')
    await page.getByRole('link', { name: 'ml-climate/explore-markets' }).first().click()
    expect(await section(page, 'What it touched').innerText()).toMatch(/market-restricted\s+OPEN \d+/)
    expect(await page.locator('#rows tr.deny').count()).toBeGreaterThan(0)
    await page.context().close()
  })

  it('whether anything is new, and which credentials are in trouble', async () => {
    const page = await open('/')
    expect(await section(page, 'For the first time').innerText()).toMatch(/climate\s+market-restricted/)
    expect(await section(page, 'Credentials in trouble').innerText()).toMatch(
      /fraud-detection\s+ml-fraud\/features-x7k2p\s+expired/,
    )
    await page.context().close()
  })

  it('whether the log is whole, record by record', async () => {
    const page = await open('/')
    await untilFollowed(page)
    expect(await textOf(page, '.health')).toContain('✓ The log is whole.')
    await page.getByRole('link', { name: 'Verify' }).first().click()
    await untilFollowed(page)
    expect(await textOf(page, '.health')).toContain('✓ All 6 chains are whole.')
    await page.goto(`${review.url}/records?decision=deny`)
    await page.locator('#rows .time a').first().click()
    expect(await section(page, 'What is proved of it').innerText()).toContain('✓ Its hash is that of its content')
    await page.context().close()
  })
})

describe('of policy one finds out', { timeout: PATIENCE_MS * 2 }, () => {
  it('which was in force when, and what the newer one changes against the older one', async () => {
    const page = await open('/')
    await page.getByRole('link', { name: 'Policy', exact: true }).click()
    const rows = section(page, 'In force, newest first').locator('tbody tr')
    expect(await rows.count()).toBe(2)
    expect(await rows.nth(0).innerText()).toContain('Today')
    await page.getByRole('button', { name: 'Compare the two' }).click()
    await page.waitForURL(/\/policy\/diff\?/)
    expect(await section(page, 'Access').innerText()).toMatch(
      /lost\s+every identity\s+fraud\s+delete\s+ledger[\s\S]*fraud-reads-ledger fraud\/grants\.yaml:\d+/,
    )
    const effect = section(page, 'In the last 30 days it would have changed')
    expect(await effect.innerText()).toMatch(/\d+\s+would be denied\s+fraud\s+DELETE ledger/)
    await effect.getByRole('link', { name: '/payments/ledger/2026' }).click()
    expect(await section(page, 'What is proved of it').innerText()).toContain('✓')
    await page.context().close()
  })

  it('what the other way round would have changed, by turning the two', async () => {
    const page = await open('/policy')
    const rows = section(page, 'In force, newest first').locator('tbody tr')
    await rows.nth(0).getByLabel('before').check()
    await rows.nth(1).getByLabel('after').check()
    await page.getByRole('button', { name: 'Compare the two' }).click()
    expect(await section(page, 'Access').innerText()).toMatch(/gained/)
    expect(await section(page, 'In the last 30 days it would have changed').innerText()).toMatch(
      /would be allowed\s+fraud\s+DELETE ledger/,
    )
    await page.context().close()
  })

  it('what nobody uses', async () => {
    const page = await open('/policy')
    const unused = await section(page, 'What nobody uses').innerText()
    expect(unused).toMatch(/risk-writes-its-own\s+risk\/grants\.yaml:\d+\s+never/)
    expect(unused).not.toContain('quant-reads-market')
    await page.context().close()
  })
})

describe('the screenshots', { timeout: PATIENCE_MS }, () => {
  it.each(SHOTS)('%s is kept, as wide as it says', async (name, path, width, height, colorScheme) => {
    const file = join(SCREENSHOTS, `${name}.png`)
    if (process.env['UPDATE_DOCS'] === '1') {
      const page = await open(path, { viewport: { width, height }, colorScheme })
      if (path === '/' || path === '/verify') await untilFollowed(page)
      mkdirSync(SCREENSHOTS, { recursive: true })
      await page.screenshot({ path: file })
      await page.context().close()
    }
    expect(existsSync(file)).toBe(true)
    // PNG, IHDR: width and height stand at 16 and 20.
    const png = readFileSync(file)
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width, height])
    expect(png.length).toBeLessThan(250_000)
  })
})

describe('the pages', { timeout: PATIENCE_MS * 4 }, () => {
  it.each([
    ['light', 360],
    ['light', 1440],
    ['dark', 820],
  ] as const)(
    'have nothing that axe finds, and nothing that is wider than they: %s, %i',
    async (colorScheme, width) => {
      const page = await open('/healthz', { colorScheme, viewport: { width, height: 900 } })
      // Each page narrow or wide, and those with most in them in the dark as well: axe takes its time.
      const paths =
        colorScheme === 'dark' ? PATHS.slice(0, 5) : PATHS.filter((_, index) => index % 2 === (width === 360 ? 0 : 1))
      for (const path of paths) {
        await page.goto(urlOf(path))
        await expectWell(page, path)
      }
      await page.context().close()
    },
  )

  it('are read with the keyboard alone: first comes the way past the menu', async () => {
    const page = await open('/records')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    await page.keyboard.press('/')
    expect(await page.evaluate('document.activeElement.name')).toBe('path')
    await page.keyboard.type('/data/market')
    await page.keyboard.press('Enter')
    await page.waitForURL(/path=%2Fdata%2Fmarket/)
    await page.context().close()
  })

  it('say all of it without a script', async () => {
    const page = await open('/records?decision=deny', { javaScriptEnabled: false })
    expect(await page.locator('#rows tr.deny').count()).toBe(40)
    await page.getByRole('link', { name: 'Older' }).click()
    await page.waitForURL(/after=/)
    expect(await page.getByRole('button', { name: /as they come|local time/ }).count()).toBe(0)
    await page.context().close()
  })

  it('show local time on demand, and UTC again', async () => {
    const page = await open('/')
    const first = () => page.locator('main td time').first().innerText()
    expect(await first()).toBe('28 Jun 09:00:03')
    await page.getByRole('button', { name: 'Show local time' }).click()
    expect(await first()).toMatch(/28 Jun, 18:00:03 (GMT\+9|JST)/)
    await page.getByRole('button', { name: 'Show UTC' }).click()
    expect(await first()).toBe('28 Jun 09:00:03')
    await page.context().close()
  })

  it('show rows as they come, and what a stranger wrote in them as text', async () => {
    const page = await open('/records')
    await page.getByRole('button', { name: 'Show new ones as they come' }).click()
    await page.getByRole('button', { name: 'Waiting for new ones' }).waitFor()
    const entry = start('1', { what: { path: '/new/<img src=x onerror=alert(1)>' }, why: { bundle: today } })
    // The stream has begun when its first word is there; until then a row may come too early to be new.
    let number = 0
    await expect
      .poll(
        async () => {
          const sidecar = `late-${number++}`
          writeLog(review.directory, sidecar, chained(sidecar, [{ at: NOW - NOON, entry }]).lines)
          return page.locator('#rows').innerText()
        },
        { timeout: PATIENCE_MS, interval: 2000 },
      )
      .toContain('/new/<img src=x onerror=alert(1)>')
    expect(await page.locator('#rows img').count()).toBe(0)
    await page.context().close()
  })

  it('turn red when a record was changed', async () => {
    const file = join(review.directory, readdirSync(review.directory).find((name) => name.includes('0005-0')) ?? '')
    const before = readFileSync(file, 'utf8')
    writeFileSync(file, before.replace('/data/market/stocks.csv', '/data/market/bonds.csv'))
    const page = await open('/verify')
    await expect
      .poll(
        async () => {
          aheadMs += 3_600_000
          await page.reload()
          return textOf(page, 'main')
        },
        { timeout: PATIENCE_MS, interval: 1000 },
      )
      .toContain('the record was changed after it was written')
    expect(await textOf(page, 'main')).toContain('✕ 1 fault')
    writeFileSync(file, before)
    aheadMs = 0
    await page.context().close()
  })

  it('gave no browser a reason to complain', () => {
    expect(complaints.filter((one) => !one.includes('404'))).toEqual([])
  })
})
