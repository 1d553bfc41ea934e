/** Signing in and out, in values: what a request is answered with is for the routes to say. */
import { timingSafeEqual } from 'node:crypto'
import { readSettingsFile } from '../../io/settings-file.ts'
import { ATTEMPT_SECONDS, newAttempt, openSeal } from './attempt.ts'
import { attemptCookie, cookie, noCookie, readCookie, SESSION_COOKIE } from './cookies.ts'
import { openProvider } from './provider.ts'
import { type Reader, readerOf } from './reader.ts'
import { type Refused, refused } from './refusals.ts'
import { returnTo } from './return-to.ts'
import { openSessions } from './sessions.ts'
import { readLoginSettings } from './settings.ts'

/** Where to go, and the cookies to take along. */
export type Onward = { readonly to: string; readonly cookies: readonly string[] }

export type SignedIn = Onward & { readonly reader: Reader }

export type Login = {
  /** Origin of the page, as readers ask for it. */
  readonly url: string
  /** Origin of the place where readers sign in: a form may lead there when a session is over. */
  readonly providerOrigin: string
  readerOf(cookies: string | undefined): Reader | undefined
  begin(to: string | undefined): Promise<Onward | Refused>
  /** @param query of the callback (RFC 6749 §4.1.2) */
  finish(query: URLSearchParams, cookies: string | undefined): Promise<SignedIn | (Refused & { readonly id?: string })>
  end(cookies: string | undefined): Onward
}

/**
 * @param clock milliseconds since the epoch
 * @throws KerbsideError `bad-settings`
 */
export async function openLogin(file: string, clock: () => number): Promise<Login> {
  const settings = readLoginSettings(await readSettingsFile(file, '--login'), file)
  const provider = await openProvider(settings, clock)
  const sessions = openSessions(settings.sessionMinutes, clock)
  const seal = openSeal(clock)
  const sessionOf = (cookies: string | undefined) => readCookie(cookies, SESSION_COOKIE)

  return {
    url: settings.url,
    providerOrigin: new URL(settings.issuer).origin,
    readerOf: (cookies) => sessions.find(sessionOf(cookies)),

    async begin(to) {
      const attempt = newAttempt(returnTo(to, settings.url))
      const question = await provider.question(attempt)
      if ('refused' in question) return question
      const sealed = await seal.close(attempt)
      return { to: question.href, cookies: [cookie(attemptCookie(attempt.state), sealed, ATTEMPT_SECONDS)] }
    },

    async finish(query, cookies) {
      const state = query.get('state') ?? ''
      const name = attemptCookie(state)
      const attempt = await seal.open(readCookie(cookies, name) ?? '')
      if (attempt === undefined) return refused('no-attempt', 'its cookie is not there, or too old')
      if (!isSame(state, attempt.state)) return refused('other-attempt', 'the state is another')
      // RFC 9207: a provider that says who it is must be ours, lest a code of another one be redeemed here.
      const issuer = query.get('iss')
      if (issuer !== null && issuer !== settings.issuer)
        return refused('other-issuer', 'the answer names another issuer')
      const code = query.get('code')
      if (query.has('error') || code === null) return refused('provider-refused', errorOf(query))
      const claims = await provider.claimsFor(code, attempt)
      if ('refused' in claims) return claims as Refused
      const reader = readerOf(claims, settings)
      const id = `${claims.iss} ${claims.sub}`
      if (reader === undefined) return { ...refused('no-role', `\`${settings.claim}\` names none`), id }
      // Whoever had a session, or was given one by somebody else, has another one from here on.
      sessions.end(sessionOf(cookies))
      const begun = cookie(SESSION_COOKIE, sessions.begin(reader), settings.sessionMinutes * 60)
      return { reader, to: attempt.to, cookies: [noCookie(name), begun] }
    },

    end(cookies) {
      sessions.end(sessionOf(cookies))
      return { to: '/login/ended', cookies: [noCookie(SESSION_COOKIE)] }
    },
  }
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function errorOf(query: URLSearchParams): string {
  const error = query.get('error') ?? 'no code'
  return /^[a-z_ ]{1,64}$/.test(error) ? error : 'an error that is no code'
}
