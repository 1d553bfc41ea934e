/**
 * What stands on a page on other days than a Monday, in a real browser: before there is a record, for who is not signed in or may not see
 * it, where a link is wrong or a record was changed; and on paper.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BROKER, countersign } from '../broker/countersign.ts'
import { chained, denied, NOON, start, writeLog } from '../io/audit/logs.ts'
import { type InProcess, inProcess } from '../review/in-process.ts'
import { type Issuer, loopbackCertificate, type RealProvider, realProvider } from '../review/login/real-provider.ts'
import { type Served, served } from '../review/login/served.ts'
import { expectWell } from './axe.ts'
import { startChromium } from './chromium.ts'
import { PATIENCE_MS, textOf } from './followed.ts'

const folder = mkdtempSync(join(tmpdir(), 'kerbside-states-'))
const { lines: LINES } = chained(
  'pod-a',
  [0, 1, 2, 3, 4].map((at) => ({ at, entry: start(String(at), at === 3 ? { why: denied } : {}) })),
)

let chromium: Browser
let tls: Issuer
let provider: RealProvider
/** Behind a login, and without a record. */
let fresh: Served
/** A countersigned log, without a login. */
let review: InProcess
/** What browsers complained of: a form that may not lead where it leads, for one. */
const complaints: string[] = []

beforeAll(async () => {
  chromium = await startChromium()
  tls = await loopbackCertificate()
  const accounts = new Map([
    ['rita', ['security']],
    ['audrey', ['audit']],
    ['quentin', ['quant-leads']],
    ['stranger', ['everyone']],
  ])
  fresh = await served({
    tls,
    settings: { reviewers: ['security'], auditors: ['audit'], teamLeads: { 'quant-leads': ['quant'] } },
    clock: Date.now,
    async issuer(url) {
      provider = await realProvider(tls, accounts, () => [`${url}/login/callback`])
      return provider.url
    },
  })
  review = await inProcess({
    clock: () => NOON + 1000,
    checkpointKeys: join(folder, 'keys.json'),
    async fill(directory) {
      mkdirSync(join(directory, BROKER))
      writeLog(join(directory, BROKER), 'pod-a', LINES)
      await countersign(directory, folder)
    },
  })
}, 600_000)
afterAll(async () => {
  await chromium?.close()
  await Promise.all([fresh?.close(), review?.close()])
  await provider?.close()
  rmSync(folder, { recursive: true, force: true })
}, PATIENCE_MS)

async function open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await chromium.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 360, height: 760 },
    ...options,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  page.on('console', (message) => {
    // The provider has its own pages.
    if (!page.url().startsWith(provider.url)) complaints.push(message.text())
  })
  page.on('pageerror', (error) => void complaints.push(error.message))
  await page.goto(url)
  return page
}

/** In the provider's own form, to which the page leads. */
async function signedIn(account: string, path = '/'): Promise<Page> {
  const page = await open(`${fresh.url}${path}`)
  await page.locator('input[name=login]').fill(account)
  await page.locator('input[name=password]').fill('any')
  await page.locator('button[type=submit]').click()
  await page.waitForURL(`${fresh.url}/**`)
  return page
}
const mainOf = (page: Page) => textOf(page, 'main')

describe('behind a login', { timeout: PATIENCE_MS * 2 }, () => {
  it('a reader comes by the provider’s form to the page of the link, and each says that there is nothing yet', async () => {
    const page = await signedIn('audrey', '/records?team=quant')
    expect(page.url()).toBe(`${fresh.url}/records?team=quant`)
    for (const [path, says] of [
      ['/', 'They appear here when a sidecar has written its first one'],
      ['/records', 'No records yet'],
      ['/policy', 'Neither do records name one, nor is one known here'],
      ['/verify', 'No keys of brokers are known here'],
      ['/views', '/records?team=quant'],
      ['/dataset?name=market', 'Nobody touched it.'],
      ['/job?namespace=ml&kind=Job&name=train', 'No record names that job'],
    ] as const) {
      await page.goto(`${fresh.url}${path}`)
      expect([path, await mainOf(page)]).toEqual([path, expect.stringContaining(says)])
      await expectWell(page, path)
    }
    await page.context().close()
  })

  it('who leads a team is told which pages are not his, and who has no role that he has none', async () => {
    const quentin = await signedIn('quentin')
    await quentin.goto(`${fresh.url}/verify`)
    expect(await mainOf(quentin)).toContain('Not for you')
    await expectWell(quentin, 'forbidden')
    await quentin.context().close()
    const stranger = await signedIn('stranger')
    expect(await mainOf(stranger)).toMatch(/Not signed in[\s\S]*this account was given no role here[\s\S]*no-role/)
    await expectWell(stranger, 'no role')
    await stranger.context().close()
  })

  it('who signs out is out, and comes in again by the provider alone', async () => {
    const page = await signedIn('rita')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(`${fresh.url}/login/ended`)
    expect(await mainOf(page)).toContain('You are signed out here')
    await expectWell(page, 'signed out')
    const [session] = (await page.context().cookies(fresh.url)).filter(({ name }) => name === '__Host-kerbside-session')
    expect(session).toBeUndefined()
    // With the provider the reader is signed in still: no form comes in between.
    await page.getByRole('link', { name: 'Sign in again' }).click()
    await page.waitForURL(`${fresh.url}/`)
    expect(await textOf(page, 'h1')).toBe('Overview')
    await page.context().close()
  })
})

const pathOf = (sequence: number) => `/record/pod-a/${sequence}`

describe('of a record', { timeout: PATIENCE_MS * 2 }, () => {
  /** What the page says is proved of number 3, after that was done to the log. */
  async function said(lines: readonly string[]): Promise<readonly string[]> {
    writeLog(join(review.directory, BROKER), 'pod-a', lines)
    const page = await open(`${review.url}${pathOf(3)}`, { colorScheme: 'dark' })
    const proof = await page.locator('ul.proof li').allInnerTexts()
    await expectWell(page, 'proof')
    await page.context().close()
    writeLog(join(review.directory, BROKER), 'pod-a', LINES)
    return proof
  }

  it('all that is proved is said, and what is not any more once somebody changed it', async () => {
    expect(await said(LINES)).toEqual([
      '✓ Its hash is that of its content',
      '✓ To the record before: holds',
      '✓ From the record after: holds',
      expect.stringMatching(/^✓ Countersigned by broker-0 number \d+ at .*, as one of numbers 0 to 4$/),
    ])
    expect(await said(LINES.with(3, LINES[3]?.replace('no-dataset', 'granted') ?? ''))).toEqual([
      '✕ Its hash is not that of its content: it was changed',
      expect.stringMatching(/^✕ To the record before: is broken/),
      expect.stringMatching(/^✕ From the record after: is broken/),
      expect.stringMatching(/^✕ Countersigned by .*: they are not the records that were signed$/),
    ])
    expect(await said(LINES.toSpliced(3, 1))).toEqual([
      '✕ Its line is not here any more',
      expect.stringMatching(/^✕ To the record before: there should be one/),
      expect.stringMatching(/^✕ From the record after: there should be one/),
      expect.stringMatching(/^✕ Countersigned by /),
    ])
  })
})

describe('a link that is wrong', { timeout: PATIENCE_MS }, () => {
  it.each([
    ['/records?after=nonsense', 400, 'That link is not understood'],
    ['/records?decision=perhaps', 400, 'That link is not understood'],
    ['/record/pod-a/99', 404, 'There is no such record'],
    ['/record/pod-a/-1', 404, 'There is no such record'],
    ['/nothing', 404, 'There is nothing here'],
    ['/policy/diff?before=a&after=b', 200, 'The content is not known here'],
  ])('%s is told, with a way on', async (path, status, says) => {
    const page = await open('about:blank', { colorScheme: 'dark' })
    const answer = await page.goto(`${review.url}${path}`)
    expect([answer?.status(), await mainOf(page)]).toEqual([status, expect.stringContaining(says)])
    expect(await page.locator('main a, nav a').count()).toBeGreaterThan(0)
    await expectWell(page, path)
    await page.context().close()
  })
})

describe('on paper', { timeout: PATIENCE_MS }, () => {
  it.each(['/', '/records', pathOf(3), '/verify'])(
    '%s is dark on white and no wider than the sheet, with what is read and nothing that is clicked',
    async (path) => {
      // A4, upright, at 96 dots an inch.
      const page = await open(`${review.url}${path}`, { colorScheme: 'dark', viewport: { width: 794, height: 1123 } })
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
      const seen = (await page.evaluate(`({
        ground: getComputedStyle(document.body).backgroundColor,
        ink: getComputedStyle(document.querySelector('h1')).color,
        isNarrow: document.documentElement.scrollWidth <= 794,
        clicked: [...document.querySelectorAll('button, .top nav, form.filters, details')].filter((one) => one.checkVisibility()).length,
      })`)) as object
      expect(seen).toEqual({ ground: 'rgb(255, 255, 255)', ink: 'rgb(0, 0, 0)', isNarrow: true, clicked: 0 })
      expect(await page.locator('h1').isVisible()).toBe(true)
      if (path === '/records') expect(await page.locator('#rows tr.deny').isVisible()).toBe(true)
      await page.context().close()
    },
  )
})

it('no browser had a reason to complain', () => {
  expect(complaints.filter((one) => !/status of 40[034]/.test(one))).toEqual([])
})
