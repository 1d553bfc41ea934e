/** Signing in with a real provider: who gets in and with which role, and that nobody else does. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromLine } from '../../../src/core/audit/line.ts'
import type { AuditRecord } from '../../../src/core/audit/record.ts'
import { type Browser, browser, signIn } from './browser.ts'
import { type Issuer, loopbackCertificate, type RealProvider, realProvider } from './real-provider.ts'
import { type Served, served } from './served.ts'

const ACCOUNTS = new Map<string, unknown>([
  ['rita', ['security', 'everyone']],
  ['audrey', 'audit'],
  ['quentin', ['quant-leads']],
  ['stranger', ['everyone']],
  ['odd', ['security', 7]],
  ['nobody', undefined],
])
const settings = {
  reviewers: ['security'],
  auditors: ['audit'],
  teamLeads: { 'quant-leads': ['quant', 'quant-live'] },
  sessionMinutes: 30,
}

let tls: Issuer
let provider: RealProvider
let page: Served
/** Added to the clock of the page. */
let aheadMs = 0

beforeAll(async () => {
  tls = await loopbackCertificate()
  page = await served({
    tls,
    settings,
    clock: () => Date.now() + aheadMs,
    async issuer(url) {
      provider = await realProvider(tls, ACCOUNTS, () => [`${url}/login/callback`])
      return provider.url
    },
  })
}, 60_000)
afterAll(async () => {
  await page?.close()
  await provider?.close()
})

/** As far as the provider's form, and through it: the address that leads back. */
async function answerFor(one: Browser, account: string, path = '/'): Promise<string> {
  return signIn(one, await one.open(`${page.url}${path}`), account)
}
async function signedIn(account: string, path = '/') {
  const one = browser(tls.caPem)
  const opened = await one.open(await answerFor(one, account, path))
  return { one, opened }
}
const SESSION = '__Host-kerbside-session'
const journaled = (): AuditRecord[] =>
  readdirSync(page.journalFolder)
    .flatMap((name) => readFileSync(join(page.journalFolder, name), 'utf8').trim().split('\n'))
    .map((line) => fromLine(line))
    .map((read) => ('record' in read ? read.record : expect.unreachable(read.problem)))
const views = () => journaled().flatMap((record) => (record.kind === 'view' ? [record.view] : []))

describe('a reader', () => {
  it('is led to the provider and back to the page that was asked for', async () => {
    const { opened } = await signedIn('rita', '/?team=quant&decision=denied')
    expect(opened.status).toBe(200)
    expect(opened.url).toBe(`${page.url}/?team=quant&decision=denied`)
  })

  it('gets a cookie that scripts, other sites and plain HTTP do not see', async () => {
    const one = browser(tls.caPem)
    const answer = await one.ask(await answerFor(one, 'rita'))
    const set = [answer.headers['set-cookie'] ?? []].flat().find((line) => line.startsWith(SESSION))
    expect(set).toMatch(/^__Host-kerbside-session=[\w-]{43}; Path=\/; Max-Age=1800; Secure; HttpOnly; SameSite=Lax$/)
  })

  it('has no claim, name or role in any cookie', async () => {
    const { one } = await signedIn('rita')
    const values = [...one.jar(page.url).values()].map((value) => Buffer.from(value, 'base64').toString())
    expect(values.join()).not.toMatch(/rita|security|reviewer/)
  })

  it('that was given no role, or a claim of another form, is told so and sees nothing', async () => {
    for (const account of ['stranger', 'odd', 'nobody']) {
      const { one, opened } = await signedIn(account)
      expect([account, opened.status]).toEqual([account, 403])
      expect(opened.text).toContain('no-role')
      expect(one.jar(page.url).has(SESSION)).toBe(false)
      expect(views()).toContainEqual({
        reader: `${provider.url} ${account}`,
        role: 'none',
        url: '/login',
        effect: 'deny',
      })
    }
  })

  it('is signed out by the button, and the cookie is worth nothing from then on', async () => {
    const { one } = await signedIn('rita')
    const kept = one.jar(page.url).get(SESSION) ?? ''
    const answer = await one.ask(`${page.url}/logout`, { method: 'POST', headers: { origin: page.url } })
    expect(answer.headers['location']).toBe('/login/ended')
    expect(one.jar(page.url).has(SESSION)).toBe(false)
    one.jar(page.url).set(SESSION, kept)
    expect((await one.ask(`${page.url}/`)).headers['location']).toMatch(/^\/login\?to=/)
  })

  it('is signed out when the time is over, whatever was looked at meanwhile', async () => {
    const { one } = await signedIn('rita')
    aheadMs = 29 * 60_000
    expect((await one.ask(`${page.url}/`)).status).toBe(200)
    aheadMs = 31 * 60_000
    expect((await one.ask(`${page.url}/`)).status).toBe(303)
    aheadMs = 0
  })
})

describe('without a session', () => {
  it.each(['/', '/?team=quant'])('a page leads to the provider: %s', async (path) => {
    const answer = await browser(tls.caPem).ask(`${page.url}${path}`)
    expect([answer.status, answer.body.toString()]).toEqual([303, ''])
    expect(answer.headers['location']).toBe(`/login?${new URLSearchParams({ to: path })}`)
  })

  it('a script or a file is refused', async () => {
    const answer = await browser(tls.caPem).ask(`${page.url}/`, { headers: { accept: 'text/event-stream' } })
    expect(answer.status).toBe(401)
  })

  it.each(['x', 'a'.repeat(43), '', '../../etc/passwd', '%00'])('a made-up cookie is none: %j', async (value) => {
    const one = browser(tls.caPem)
    one.jar(page.url).set(SESSION, value)
    expect((await one.ask(`${page.url}/`)).status).toBe(303)
  })

  it('the provider is asked with state, nonce and a challenge, anew each time', async () => {
    const ask = async () => new URL(String((await browser(tls.caPem).ask(`${page.url}/login`)).headers['location']))
    const [one, other] = [await ask(), await ask()]
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(one.searchParams.get(name)).toMatch(/^[\w-]{43}$/)
      expect(one.searchParams.get(name)).not.toBe(other.searchParams.get(name))
    }
    expect(one.searchParams.get('code_challenge_method')).toBe('S256')
  })
})

describe('an attacker', () => {
  it('cannot use an answer in another browser than the one that asked', async () => {
    const stolen = await answerFor(browser(tls.caPem), 'audrey')
    const other = await browser(tls.caPem).open(stolen)
    expect([other.status, other.text]).toEqual([400, expect.stringContaining('no-attempt')])
  })

  it('cannot make a victim take the answer of the attacker, even one whose cookie it could plant', async () => {
    const [victim, attacker] = [browser(tls.caPem), browser(tls.caPem)]
    const [, theirs] = [await answerFor(victim, 'rita'), await answerFor(attacker, 'audrey')]
    const mine = [...victim.jar(page.url)].find(([name]) => name.startsWith('__Host-kerbside-attempt'))
    const state = new URL(theirs).searchParams.get('state') ?? ''
    victim.jar(page.url).set(`__Host-kerbside-attempt-${state.slice(0, 10)}`, mine?.[1] ?? '')
    expect((await victim.open(theirs)).text).toContain('other-attempt')
  })

  it('cannot use a code twice, even with the cookie of the first time', async () => {
    const one = browser(tls.caPem)
    const answer = await answerFor(one, 'rita')
    const before = new Map(one.jar(page.url))
    expect((await one.ask(answer)).status).toBe(303)
    for (const [name, value] of before) one.jar(page.url).set(name, value)
    one.jar(page.url).delete(SESSION)
    expect((await one.open(answer)).text).toContain('code-refused')
  })

  it('cannot put a code of one sign-in into another: the verifier is another', async () => {
    const one = browser(tls.caPem)
    const stolen = new URL(await answerFor(browser(tls.caPem), 'audrey'))
    const question = new URL(String((await one.ask(`${page.url}/login`)).headers['location']))
    stolen.searchParams.set('state', question.searchParams.get('state') ?? '')
    expect((await one.open(stolen.href)).text).toContain('code-refused')
  })

  it('cannot pass off the answer of another provider', async () => {
    const one = browser(tls.caPem)
    const answer = new URL(await answerFor(one, 'rita'))
    expect(answer.searchParams.get('iss')).toBe(provider.url)
    answer.searchParams.set('iss', 'https://evil.example')
    expect((await one.open(answer.href)).text).toContain('other-issuer')
  })

  it('cannot come back to a sign-in that was begun too long ago', async () => {
    const one = browser(tls.caPem)
    const answer = await answerFor(one, 'rita')
    aheadMs = 11 * 60_000
    expect((await one.open(answer)).text).toContain('no-attempt')
    aheadMs = 0
  })

  it('cannot fix a session: a planted cookie is replaced, and stays worth nothing', async () => {
    const one = browser(tls.caPem)
    const planted = 'A'.repeat(43)
    one.jar(page.url).set(SESSION, planted)
    await one.open(await answerFor(one, 'rita'))
    expect(one.jar(page.url).get(SESSION)).not.toBe(planted)
    const thief = browser(tls.caPem)
    thief.jar(page.url).set(SESSION, planted)
    expect((await thief.ask(`${page.url}/`)).status).toBe(303)
  })

  it('cannot keep the session that was there before somebody else signed in', async () => {
    const { one } = await signedIn('quentin')
    const old = one.jar(page.url).get(SESSION) ?? ''
    const again = await one.open(`${page.url}/login`)
    expect(again.status).toBe(200)
    expect(one.jar(page.url).get(SESSION)).not.toBe(old)
    const thief = browser(tls.caPem)
    thief.jar(page.url).set(SESSION, old)
    expect((await thief.ask(`${page.url}/`)).status).toBe(303)
  })

  it('gets nothing from two cookies of one name: one of them is not ours', async () => {
    const { one } = await signedIn('rita')
    const value = one.jar(page.url).get(SESSION)
    const headers = { cookie: `${SESSION}=${'A'.repeat(43)}; ${SESSION}=${value}` }
    expect((await one.ask(`${page.url}/`, { headers })).status).toBe(303)
  })

  it.each([undefined, 'https://evil.example', 'null', 'https://localhost'])(
    'cannot sign anybody out from another site: %s',
    async (origin) => {
      const { one } = await signedIn('rita')
      const headers = origin === undefined ? {} : { origin }
      expect((await one.ask(`${page.url}/logout`, { method: 'POST', headers })).status).toBe(403)
      expect((await one.ask(`${page.url}/`)).status).toBe(200)
    },
  )

  it('cannot sign anybody out by a link', async () => {
    const { one } = await signedIn('rita')
    expect((await one.ask(`${page.url}/logout`)).status).toBe(404)
    expect((await one.ask(`${page.url}/`)).status).toBe(200)
  })

  it.each(['https://evil.example/', '/\\evil.example', '/.//evil.example'])(
    'cannot send a reader to another site after signing in: %j',
    async (to) => {
      const one = browser(tls.caPem)
      const form = await one.open(`${page.url}/login?${new URLSearchParams({ to })}`)
      const answer = await one.ask(await signIn(one, form, 'rita'))
      expect(new URL(String(answer.headers['location']), page.url).href).toBe(`${page.url}/`)
    },
  )
})

describe('a lead', () => {
  it('sees the teams that the settings name, and no other by any link', async () => {
    const { one } = await signedIn('quentin')
    const status = async (path: string) => (await one.ask(`${page.url}${path}`)).status
    expect([await status('/'), await status('/?of=quant-live'), await status('/?of=climate')]).toEqual([200, 200, 403])
    const reader = `${provider.url} quentin`
    expect(views()).toContainEqual({ reader, role: 'team-lead', url: '/?of=climate', effect: 'deny' })
  })
})

describe('every view', () => {
  it('is in a whole chain before it is shown, with who looked at what', async () => {
    const { one } = await signedIn('audrey')
    await one.ask(`${page.url}/?team=quant`)
    const view = { reader: `${provider.url} audrey`, role: 'auditor', url: '/?team=quant', effect: 'allow' }
    expect(views()).toContainEqual(view)
    expect(journaled().map(({ sequence }) => sequence)).toEqual(journaled().map((_, index) => index))
  })

  it('holds no code, no token and no cookie, and neither does the log', async () => {
    const one = browser(tls.caPem)
    const answer = await answerFor(one, 'rita')
    const code = new URL(answer).searchParams.get('code') ?? ''
    await one.open(answer)
    const secrets = [code, ...one.jar(page.url).values(), 'a secret of']
    const kept = [...page.logged, JSON.stringify(journaled())].join('\n')
    for (const secret of secrets) expect(kept).not.toContain(secret)
  })

  it('that cannot be written down is not shown', async () => {
    const { one } = await signedIn('rita')
    await page.journal.close()
    const answer = await one.ask(`${page.url}/`)
    expect(answer.status).toBe(503)
    expect(answer.body.toString()).toContain('That somebody looks must be written down first, and it cannot be.')
    // A bare page: no frame, no link but one, and nothing that was recorded.
    expect(answer.body.toString().match(/<a /g)).toHaveLength(1)
    expect(answer.body.toString()).not.toContain('quant')
  })
})
