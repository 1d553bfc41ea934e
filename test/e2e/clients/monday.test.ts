/**
 * What real clients did through a gateway, in the log as a sidecar writes it, beside ten million made ones: the questions of a
 * Monday, put to the pages in a browser.
 */
// biome-ignore-all lint/performance/useDomNodeTextContent: what a reader sees is asked for, and that is not all text
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Entry } from '../../../src/core/audit/record.ts'
import { openAuditLog } from '../../../src/io/audit/log.ts'
import { generate } from '../../bench/review/generate.ts'
import { startChromium } from '../../browser/chromium.ts'
import { type InProcess, inProcess } from '../../review/in-process.ts'
import { WHO } from '../../sidecar/gateway/story.ts'
import { ROOT } from '../../suite.ts'
import { type Container, container } from './container.ts'

const MADE = 10_000_000
const DAY = 86_400_000
const PATIENCE_MS = 120_000
const SIDECAR = '11111111-1111-4111-8111-111111111111'
const OWNER = { kind: 'Job', name: 'train-monday' }

let review: InProcess
let browser: Browser
/** What the gateway said of the clients: what the pages must show. */
let entries: readonly Entry[] = []

/** Three clients, each in the way its users know: they write, read, and try what the policy does not let them. */
async function work(inside: Container): Promise<void> {
  writeFileSync(join(inside.folder, 'note'), 'hello from a file\n')
  const curl = (pathAndQuery: string, options = '') =>
    inside.run(['sh', '-c', `curl -sS -L ${options} "$KERBSIDE_WEBHDFS/webhdfs/v1${pathAndQuery}"`])
  await curl(`${inside.home}/monday?op=CREATE`, '-T note')
  await curl(`${inside.home}/monday?op=OPEN`)
  await curl('/data/market/stocks.csv?op=OPEN')
  await curl('/data/market/x?op=CREATE', '-T note')
  const modules = inside.see(join(ROOT, 'node_modules'))
  const npm = [inside.see(process.execPath), join(inside.programs, 'npm-webhdfs.cjs'), `${inside.home}/npm`]
  await inside.run(npm, { NODE_PATH: modules })
}

beforeAll(async () => {
  const inside = await container('monday')
  try {
    await work(inside)
    entries = inside.standing.audit.entries.map((entry) => ({ ...entry, who: { ...entry.who, owner: OWNER } }))
  } finally {
    await inside.stop()
  }
  const now = Date.now()
  review = await inProcess({
    clock: Date.now,
    policy: join(ROOT, 'policies'),
    parquetIn: (directory) => [join(directory, 'parquet')],
    async fill(directory) {
      const options = { directory, sidecar: SIDECAR, who: { ...WHO, owner: OWNER }, clock: Date.now, maxBytes: 2 ** 30 }
      const log = await openAuditLog(options)
      for (const entry of entries) await log.write(entry)
      await log.close()
      const parquet = join(directory, 'parquet')
      mkdirSync(parquet)
      const settings = { memory_limit: '1GB', temp_directory: join(directory, 'spill') }
      const instance = await DuckDBInstance.create(':memory:', settings)
      const connection = await instance.connect()
      await generate(connection, { directory: parquet, records: MADE, seed: 7, until: now - DAY, days: 29 })
      connection.closeSync()
      instance.closeSync()
    },
  })
  browser = await startChromium()
}, 1_200_000)
afterAll(async () => {
  await browser?.close()
  await review?.close()
}, PATIENCE_MS)

async function open(path: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  await page.goto(review.url + path, { timeout: PATIENCE_MS })
  return page
}
const section = (page: Page, heading: string) => page.getByRole('region', { name: heading, exact: true })
const count = (is: (entry: Extract<Entry, { kind: 'start' }>) => boolean) =>
  entries.filter((entry) => entry.kind === 'start' && is(entry)).length

describe('of real clients among ten million other records one finds out', { timeout: PATIENCE_MS * 3 }, () => {
  it('what was denied to whom, and the line that would allow it', async () => {
    const page = await open('/records?identity=quant-research&decision=deny')
    const denials = count(({ why }) => why.effect === 'deny')
    expect(denials).toBeGreaterThan(0)
    expect(await page.locator('.total').innerText()).toContain(`${denials} row`)
    await page.getByRole('link', { name: 'What would allow it' }).last().click()
    expect(await page.locator('main').innerText()).toContain('add create to actions')
    await page.context().close()
  })

  it('who read this dataset since March', async () => {
    const page = await open('/dataset?name=market&from=2026-03-01')
    const reads = count(
      ({ what, why }) => what.dataset === 'market' && what.operation === 'OPEN' && why.effect === 'allow',
    )
    expect(await section(page, 'Who touched it, and who may').innerText()).toMatch(
      new RegExp(`quant-research\\s+quant[\\s\\S]*OPEN ${reads}`),
    )
    await page.context().close()
  })

  it('what this job touched, each operation of each client', async () => {
    const page = await open(`/job?namespace=${WHO.namespace}&kind=Job&name=${OWNER.name}`)
    const operations = count(() => true)
    expect(operations).toBeGreaterThan(5)
    const figures = await page.locator('.figures').innerText()
    expect(figures).toMatch(new RegExp(`Operations\\s+${operations}\\b`))
    const clients = await page.locator('#rows').innerText()
    expect(clients).toContain('curl/')
    await page.context().close()
  })

  it('what is new, and how much there is', async () => {
    const page = await open('/?last=24h')
    expect(await section(page, 'For the first time').innerText()).toMatch(/quant\s+market/)
    await page.goto(`${review.url}/records`)
    const [, total = ''] = /^([\d,]+) rows/.exec(await page.locator('.total').innerText()) ?? []
    expect(Number(total.replaceAll(',', ''))).toBeGreaterThanOrEqual(MADE / 2 + count(() => true))
    await page.context().close()
  })

  it('that the log is whole', async () => {
    const page = await open('/verify')
    await expect
      .poll(
        async () => {
          await page.reload()
          return page.locator('main').innerText()
        },
        { timeout: PATIENCE_MS, interval: 1000 },
      )
      .toContain('✓ The chain is whole.')
    await page.context().close()
  })
})
