/** The server of the page: filters and pages by URL, closed to scripts and to other sites. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chainWatch } from '../../src/review/chain-watch.ts'
import { NO_JOURNAL } from '../../src/review/journal.ts'
import { main } from '../../src/review/main.ts'
import { readOptions } from '../../src/review/options.ts'
import type { ReviewServer } from '../../src/review/server.ts'
import { reviewServer } from '../../src/review/server.ts'
import { chained, denied, end, start, writeLog } from '../io/audit/logs.ts'

const directory = mkdtempSync(join(tmpdir(), 'kerbside-review-'))
let now = Date.UTC(2026, 2, 2, 13)
let server: ReviewServer
let port: number

beforeAll(async () => {
  const entries = Array.from({ length: 150 }, (_, id) => {
    const more = { who: { team: id % 2 === 0 ? 'quant' : 'climate' }, ...(id % 10 === 0 ? { why: denied } : {}) }
    return [
      { at: id * 10, entry: start(String(id), more) },
      { at: id * 10 + 5, entry: end(String(id), more) },
    ]
  }).flat()
  writeLog(directory, 'pod-a', chained('pod-a', entries).lines, 100)
  server = reviewServer({
    directory,
    chains: chainWatch(directory, () => now),
    log: pino({ enabled: false }),
    names: ['audit.lab'],
    login: undefined,
    journal: NO_JOURNAL,
    isTls: false,
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const address = server.server.address()
  port = typeof address === 'object' ? (address?.port ?? 0) : 0
})
afterAll(async () => {
  await server?.close()
  rmSync(directory, { recursive: true, force: true })
})

type Answer = { status: number; headers: NodeJS.Dict<string | string[]>; body: string }

function get(path: string, more: { host?: string; method?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { host: more.host ?? `127.0.0.1:${port}` }
    request({ host: '127.0.0.1', port, path, method: more.method ?? 'GET', headers, agent: false }, (answer) => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk) => (body += chunk))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }))
    })
      .on('error', reject)
      .end()
  })
}
const count = ({ body }: Answer, what: RegExp) => body.match(what)?.length ?? 0

describe('the page', () => {
  it('allows no script, no frame and nothing from elsewhere', async () => {
    const { headers, body } = await get('/')
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    expect(body).not.toMatch(/<script|<style|style=|javascript:/i)
    expect((await get('/style.css')).headers['content-type']).toBe('text/css; charset=utf-8')
    expect((await get('/icon.svg')).headers['content-type']).toBe('image/svg+xml')
  })

  it('has the newest hundred, and the rest behind a link', async () => {
    const first = await get('/')
    expect(count(first, /<tr class="(allow|deny)">/g)).toBe(100)
    const [, older = ''] = /class="older" href="([^"]+)"/.exec(first.body) ?? []
    const second = await get(older.replaceAll('&amp;', '&'))
    expect(count(second, /<tr class="(allow|deny)">/g)).toBe(50)
    expect(second.body).not.toContain('class="older"')
  })

  it('is filtered by its URL', async () => {
    const denials = await get('/?decision=denied&team=quant')
    expect([count(denials, /<tr class="deny">/g), count(denials, /<tr class="allow">/g)]).toEqual([15, 0])
    expect((await get('/?team=nobody')).body).toContain('Nothing matches')
    expect((await get('/?path=%3Cscript%3E')).body).toContain('value="&lt;script&gt;"')
  })

  it.each(['/?path=%ff', '/?after=..%2f..%2fetc.1', '/?team=%00', '/?%', `/?path=${'%f0%9f%a6%8a'.repeat(800)}`])(
    'stands whatever is asked: %s',
    async (path) => {
      expect((await get(path)).status).toBe(200)
    },
  )

  it('is under no other path, takes nothing, and tells nothing of files', async () => {
    for (const path of ['/x', '/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '//', '/style.css/..']) {
      expect((await get(path)).status, path).toBe(404)
    }
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await get('/', { method })).status).toBe(404)
  })

  it.each([
    'evil.example',
    'evil.example:80',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'audit.lab.evil.example',
  ])('is not given to a site that points its own name here: %j', async (host) => {
    const { status, body } = await get('/', { host })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(body).not.toContain('quant')
  })

  it.each(['localhost', 'LOCALHOST:80', '127.0.0.1', '10.1.2.3:8090', '[::1]:8090', 'audit.lab', 'Audit.Lab:443'])(
    'is given under its own names: %s',
    async (host) => {
      expect((await get('/', { host })).status).toBe(200)
    },
  )

  it('shows a chain that breaks, once it is checked again', async () => {
    const file = join(directory, 'pod-a-1.ndjson')
    const before = readFileSync(file, 'utf8')
    expect((await get('/')).body).toContain('The chain is whole')
    writeFileSync(file, before.replace('prices', 'prized'))
    expect((await get('/')).body).toContain('The chain is whole')
    now += 60_000
    const { body } = await get('/')
    expect(body).toContain('1 chain is broken')
    expect(body).toMatch(/pod-a-1\.ndjson<\/bdi>:1/)
    writeFileSync(file, before)
    appendFileSync(join(directory, 'pod-a-2.ndjson'), '{"torn')
    now += 60_000
    expect((await get('/')).body).toContain('The chain is whole')
  })
})

describe('the command line of the page', () => {
  it.each([
    [['--direktory', 'x'], "unknown option '--direktory'", '(Did you mean --directory?)'],
    [[], '--directory must be given', undefined],
    [['--directory', 'x', '--port', '70000'], 'it is not a whole number from 0 to 65535', undefined],
    [['--directory', 'x', 'more'], 'too many arguments', undefined],
  ])('says in one sentence what is wrong with %j', (args, sentence, hint) => {
    const wrong = expect.objectContaining({ code: 'bad-usage', message: expect.stringContaining(sentence) })
    expect(() => readOptions(args)).toThrow(wrong)
    if (hint !== undefined) expect(() => readOptions(args)).toThrow(expect.objectContaining({ hint }))
  })

  it('keeps the page to this machine unless it is told otherwise', () => {
    expect(readOptions(['--directory', 'x'])).toEqual({ directory: 'x', listen: '127.0.0.1', port: 8090, names: [] })
  })

  it.each([
    [['--listen', '0.0.0.0'], 'without a login the page would be open to whoever reaches `0.0.0.0`'],
    [['--listen', '::'], 'without a login the page would be open to whoever reaches `::`'],
    [['--listen', '10.0.0.1', '--tls-files', 'x'], 'without a login'],
    [['--login', 'x'], '--login and --journal are given together'],
    [['--journal', 'x'], '--login and --journal are given together'],
    [['--listen', '0.0.0.0', '--login', 'x', '--journal', 'y'], 'give --tls-files'],
  ])('is not open to others without login, journal and TLS: %j', (args, sentence) => {
    const wrong = expect.objectContaining({ code: 'bad-usage', message: expect.stringContaining(sentence) })
    expect(() => readOptions(['--directory', 'd', ...args])).toThrow(wrong)
  })

  it('says that the folder is not there, or the port taken', async () => {
    await expect(main(['--directory', join(directory, 'x')])).rejects.toThrow(/is not there/)
    await expect(main(['--directory', directory, '--port', String(port)])).rejects.toThrow(
      `\`127.0.0.1:${port}\` is taken`,
    )
  })
})
