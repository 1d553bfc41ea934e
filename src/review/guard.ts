/**
 * Who may see what, before any page is made.
 * 1. A route that does not say what it needs is shown to nobody.
 * 2. Without a session there is no page: only the way to sign in.
 * 3. A reader sees what the role may, and records of its teams.
 * 4. Every view, shown or refused, is on disk before it is answered.
 */
import type { Server } from 'node:http'
import { isIP } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Journal } from './journal.ts'
import type { Login } from './login/login.ts'
import { forbiddenPage } from './login/pages.ts'
import { LOCAL_READER, may, type Need, type Reader } from './login/reader.ts'
import type { Scope } from './query/scope.ts'
import { queryOf } from './request-query.ts'

/** Who looks, and whose records are shown. */
export type Viewer = { readonly reader: Reader; readonly scope: Scope }

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `nothing` for what says nothing of any record. */
    need?: Need | 'nothing'
  }
  interface FastifyRequest {
    viewer: Viewer | null
  }
}

export type GuardParts = {
  /** Absent where only this machine is served. */
  readonly login: Login | undefined
  readonly journal: Journal
  /** Names under which the page may be asked for, besides IP addresses and `localhost`. */
  readonly names: readonly string[]
}

export function guard(server: FastifyInstance<Server>, { login, journal, names }: GuardParts): void {
  server.decorateRequest('viewer', null)
  const headers = headersFor(login)
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(headers)
    if (!isOurName(request, names)) return plain(reply, 403, 'this page is not served under that name; give --name')
    const { need } = request.routeOptions.config
    if (need === 'nothing' || request.is404) return
    const reader = login === undefined ? LOCAL_READER : login.readerOf(request.headers.cookie)
    if (reader === undefined) return toLogin(request, reply)
    const scope = scopeOf(reader, queryOf(request).get('of') ?? undefined)
    const isAllowed = need !== undefined && may(reader, need) && scope !== undefined
    await journal.viewed({
      reader: reader.id,
      role: reader.role,
      url: request.url,
      effect: isAllowed ? 'allow' : 'deny',
    })
    if (!isAllowed) return reply.code(403).type('text/html; charset=utf-8').send(forbiddenPage())
    request.viewer = { reader, scope }
  })
}

/** All records; of a lead, those of the team that the link names with `of`, or of the first one. */
export function scopeOf({ teams }: Reader, of: string | undefined): Scope | undefined {
  if (teams === undefined) return of === undefined ? { of: 'all' } : { of: 'team', team: of }
  const [first] = teams
  if (of === undefined) return first === undefined ? undefined : { of: 'team', team: first }
  return teams.includes(of) ? { of: 'team', team: of } : undefined
}

const headersFor = (login: Login | undefined) => ({
  'content-security-policy': [
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'",
    // Browsers follow a form's redirects by this rule, and a session that is over leads to the provider.
    `form-action 'self'${login === undefined ? '' : ` ${login.providerOrigin}`}; base-uri 'none'; frame-ancestors 'none'`,
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Nothing to other sites; with `no-referrer` browsers hide from us as well that a form was ours.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  ...(login === undefined ? {} : { 'strict-transport-security': 'max-age=31536000' }),
})

/** A page that was asked for leads to the provider and back; a script and a file are told. */
function toLogin(request: FastifyRequest, reply: FastifyReply) {
  const wantsPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
  if (!wantsPage) return plain(reply, 401, 'nobody is signed in')
  return reply.redirect(`/login?${new URLSearchParams({ to: request.url })}`, 303)
}

/**
 * Another site can point a name of its own at our address and so read the page from a visitor's browser. It cannot make
 * the browser send another name than its own.
 */
function isOurName({ headers }: FastifyRequest, names: readonly string[]): boolean {
  const host = (headers.host ?? '')
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
  return isIP(host) !== 0 || host === 'localhost' || names.includes(host)
}

const plain = (reply: FastifyReply, status: number, text: string) =>
  reply.code(status).type('text/plain; charset=utf-8').send(`${text}\n`)
