/** The server of the pages: every page by its link, closed to scripts of others and to other sites. */
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPolicyDirectory } from '../../src/io/policy/directory.ts'
import { main } from '../../src/review/main.ts'
import { readOptions } from '../../src/review/options.ts'
import { type InProcess, inProcess } from './in-process.ts'
import { HOSTILE_PATH, NOW, writeMonth } from './month.ts'

const policy = join(import.meta.dirname, '../../policies')
let review: InProcess

beforeAll(async () => {
  const read = await readPolicyDirectory(policy)
  const fill = (directory: string) => void ('bundle' in read && writeMonth(directory, read.bundle))
  review = await inProcess({ clock: () => NOW, policy, names: ['audit.lab'], fill })
}, 120_000)
afterAll(() => review?.close())

type Answer = { status: number; headers: NodeJS.Dict<string | string[]>; body: string }

function get(path: string, more: { host?: string; method?: string } = {}): Promise<Answer> {
  const { port } = review
  return new Promise((resolve, reject) => {
    const headers = { host: more.host ?? `127.0.0.1:${port}`, accept: 'text/html' }
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
/** What a reader reads: tags taken out, escapes resolved. */
const read = ({ body }: Answer) =>
  body
    .replace(/<wbr>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&#96;/g, '`')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
const links = ({ body }: Answer, pattern: RegExp) =>
  [...body.matchAll(/href="([^"]*)"/g)]
    .map(([, link = '']) => link.replaceAll('&amp;', '&'))
    .filter((link) => pattern.test(link))

const EXPLORER = '00000000-0000-4000-8000-000000000005'
const PAGES = [
  '/',
  '/?last=24h',
  '/?last=30d',
  '/records',
  '/records?decision=deny&last=7d',
  '/records?text=%3Cscript%3E',
  '/dataset?name=market',
  '/dataset?name=market&from=2026-06-20',
  '/job?namespace=ml-climate&kind=Job&name=explore-markets',
  `/record/${EXPLORER}/5`,
  `/denial/${EXPLORER}/1`,
  '/policy',
  '/verify',
  '/views',
]

describe('every page', () => {
  it.each(PAGES)('is there, has a title, a heading and nothing inline: %s', async (path) => {
    const { status, body } = await get(path)
    expect(status).toBe(200)
    expect(body).toMatch(/<title>[^<]+ – Kerbside review<\/title>/)
    expect(body.match(/<h1>/g)).toHaveLength(1)
    const tags = [...body.matchAll(/<[a-z][^>]*>/g)].map(([tag]) => tag)
    expect(tags.filter((tag) => /^<style|\sstyle=|\son[a-z]+=|javascript:/i.test(tag))).toEqual([])
    expect(tags.filter((tag) => tag.startsWith('<script'))).toEqual(['<script src="/page.js" type="module">'])
  })

  it('weighs less than 100 kB with all that it loads, though a path has 8,000 bytes', async () => {
    const loaded =
      (await get('/style.css')).body.length + (await get('/page.js')).body.length + (await get('/icon.svg')).body.length
    for (const path of PAGES) expect([path, (await get(path)).body.length + loaded < 100_000]).toEqual([path, true])
  })

  it('allows no script, no frame and nothing from elsewhere', async () => {
    const { headers } = await get('/')
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect((await get('/style.css')).headers['content-type']).toBe('text/css; charset=utf-8')
    expect((await get('/page.js')).headers['content-type']).toBe('text/javascript; charset=utf-8')
  })

  it('leads only to pages that are there', async () => {
    const found = new Set((await Promise.all(PAGES.map((path) => get(path)))).flatMap((page) => links(page, /^\//)))
    const some = [...Map.groupBy(found, (link) => link.split(/[?\d]/)[0]).values()].flatMap((same) => same.slice(0, 3))
    for (const link of some) expect([link, (await get(link)).status]).toEqual([link, 200])
  }, 120_000)
})

describe('what strangers wrote', () => {
  it('is text, legible and harmless, in lists and whole on its own page', async () => {
    const list = await get('/records?text=%3Cscript%3E')
    expect(read(list)).toContain('OPEN /data/market/<script>alert(1)</script>\\u001b[31m\\u000a\\u202egnp.xxx')
    expect(read(list)).toContain('<img src=x onerror=alert(1)>\\u202e')
    const [link = ''] = links(list, /^\/record\//)
    const whole = await get(link)
    expect(read(whole)).toContain(HOSTILE_PATH.slice(-7900))
    for (const { body } of [list, whole, await get('/')]) {
      expect(body).not.toMatch(/<img|<b>job|<script>|[\u0000-\u0009\u000b-\u001f\u202e]/)
    }
  })

  it.each([
    '<script>alert(1)</script>',
    '"><img src=x>',
    "';DROP TABLE records;--",
    '\u202e\u001b[2J',
    '%00',
    '🦊'.repeat(300),
  ])('in a link is text on the page that answers: %j', async (text) => {
    const value = encodeURIComponent(text)
    for (const path of [
      `/records?team=${value}&text=${value}`,
      `/records?${value}=1`,
      `/dataset?name=${value}`,
      `/job?namespace=${value}&kind=${value}&name=${value}`,
    ]) {
      const { status, body } = await get(path)
      expect([200, 400, 404]).toContain(status)
      // A field holds what was typed into it, so that it is asked for again as it is.
      expect(body.replace(/ value="[^"<>]*"/g, '')).not.toMatch(/<img|<script>|[\u0000-\u0009\u000b-\u001f\u202e]/)
    }
  })
})

describe('a link', () => {
  it.each([
    ['/records?teem=quant', 'did you mean `team`'],
    ['/records?last=forever', '`last` is not a time back'],
    ['/records?after=..%2f..%2fetc', 'is no place in the records'],
    ['/records?after=1.pod-a.1%27', 'is no place in the records'],
    ['/job?after=x', 'is no place in the records'],
  ])('that is not understood shows nothing, lest it be another answer: %s', async (path, sentence) => {
    const answer = await get(path)
    expect(answer.status).toBe(400)
    expect(read(answer)).toContain(sentence)
    expect(answer.body).not.toContain('class="rows"')
  })

  it.each([
    '/record/nobody/1',
    '/record/..%2f..%2fetc%2fpasswd/1',
    `/record/${EXPLORER}/x`,
    '/denial/nobody/1',
    '/job?namespace=a&kind=Job&name=b',
  ])('to what is not here says so: %s', async (path) => expect((await get(path)).status).toBe(404))

  it.each(['/x', '/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '//', '/style.css/..', '/login', '/logout'])(
    'to nothing leads nowhere: %s',
    async (path) => expect((await get(path)).status).toBe(404),
  )

  it('takes nothing: there is only reading', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await get('/', { method })).status).toBe(404)
  })

  it.each(['/?%', '/records?%', '/record/%/1', '/records?path=%ff', `/dataset?name=${'a'.repeat(9000)}`])(
    'that is broken breaks nothing: %s',
    async (path) => expect((await get(path)).status).toBeLessThan(500),
  )
})

describe('records', () => {
  it('are counted by facet, and a facet narrows them down to as many', async () => {
    const all = await get('/records')
    const [, count = ''] =
      /aria-label|<span class="value"><bdi>climate<\/bdi><\/span> <span class="count">([\d,]+)</.exec(
        all.body.slice(all.body.indexOf('Team')),
      ) ?? []
    const narrowed = await get('/records?team=climate')
    expect(read(narrowed)).toContain(`${count} rows`)
    expect(narrowed.body).toContain('aria-current="true"')
  })

  it('go on page by page, each row once, and back again', async () => {
    const rows = (page: Answer) => links(page, /^\/record\//)
    const first = await get('/records?decision=deny')
    const [older = ''] = links(first, /after=/)
    const second = await get(older)
    expect(rows(first)).toHaveLength(40)
    expect(new Set([...rows(first), ...rows(second)]).size).toBe(rows(first).length + rows(second).length)
    const [newer = ''] = links(second, /before=/)
    expect(rows(await get(newer))).toEqual(rows(first))
  })

  it('are exported as they are filtered', async () => {
    const { headers, body } = await get('/records/export?format=ndjson&decision=deny&team=fraud')
    expect(headers['content-disposition']).toBe('attachment; filename="kerbside-records.ndjson"')
    const lines = body.trim().split('\n')
    expect(lines.every((line) => line.includes('"fraud"'))).toBe(true)
    expect((await get('/records/export?format=exe')).status).toBe(400)
    expect((await get('/records/export?format=csv&teem=x')).status).toBe(400)
  })
})

describe('a site of somebody else', () => {
  it.each([
    'evil.example',
    'evil.example:80',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'audit.lab.evil.example',
  ])('that points its own name here gets nothing: %j', async (host) => {
    const { status, body } = await get('/', { host })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(body).not.toContain('quant')
  })

  it.each(['localhost', 'LOCALHOST:80', '10.1.2.3:8090', '[::1]:8090', 'audit.lab', 'Audit.Lab:443'])(
    'is none under our own names: %s',
    async (host) => expect((await get('/healthz', { host })).status).toBe(200),
  )
})

describe('the command line of the pages', () => {
  it.each([
    [['--direktory', 'x'], "unknown option '--direktory'", '(Did you mean --directory?)'],
    [[], '--directory must be given', undefined],
    [['--directory', 'x', '--port', '70000'], 'it is not a whole number from 0 to 65535', undefined],
    [['--directory', 'x', 'more'], 'too many arguments', undefined],
    [['--directory', 'x', '--checkpoints', 'y'], '--checkpoints and --checkpoint-keys are given together', undefined],
  ])('says in one sentence what is wrong with %j', (args, sentence, hint) => {
    const wrong = expect.objectContaining({ code: 'bad-usage', message: expect.stringContaining(sentence) })
    expect(() => readOptions(args)).toThrow(wrong)
    if (hint !== undefined) expect(() => readOptions(args)).toThrow(expect.objectContaining({ hint }))
  })

  it('keeps the pages to this machine unless it is told otherwise', () => {
    const kept = { directory: 'x', listen: '127.0.0.1', port: 8090, names: [], policy: {} }
    expect(readOptions(['--directory', 'x'])).toEqual(kept)
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
    const { directory, port } = review
    await expect(main(['--directory', join(directory, 'x')])).rejects.toThrow(/is not there/)
    await expect(main(['--directory', directory, '--port', String(port)])).rejects.toThrow(
      `\`127.0.0.1:${port}\` is taken`,
    )
  })
})
