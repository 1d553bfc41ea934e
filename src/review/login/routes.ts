/** The routes of signing in and out: the only ones that answer whoever asks. */

import type { Server } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Journal } from '../journal.ts'
import { queryOf } from '../request-query.ts'
import type { Login } from './login.ts'
import { endedPage, refusedPage } from './pages.ts'
import type { Refused } from './refusals.ts'

export type LoginParts = { readonly login: Login; readonly journal: Journal; readonly log: Logger }

const STATUS = { 'provider-down': 502, 'no-role': 403 } as const satisfies { [K in Refused['refused']]?: number }
const OPEN = { config: { need: 'nothing' } } as const

export function loginRoutes(server: FastifyInstance<Server>, { login, journal, log }: LoginParts): void {
  const refuse = (reply: FastifyReply, { refused, detail }: Refused) => {
    log.warn({ refused, detail }, 'nobody is signed in')
    const status = new Map<string, number>(Object.entries(STATUS)).get(refused) ?? 400
    return html(reply.code(status), refusedPage(refused))
  }

  server.get('/login', OPEN, async (request, reply) => {
    const begun = await login.begin(queryOf(request).get('to') ?? undefined)
    return 'refused' in begun ? refuse(reply, begun) : reply.header('set-cookie', begun.cookies).redirect(begun.to, 303)
  })

  server.get('/login/callback', OPEN, async (request, reply) => {
    const finished = await login.finish(queryOf(request), request.headers.cookie)
    if ('refused' in finished) {
      if (finished.id !== undefined)
        await journal.viewed({ reader: finished.id, role: 'none', url: '/login', effect: 'deny' })
      return refuse(reply, finished)
    }
    const { reader, cookies, to } = finished
    await journal.viewed({ reader: reader.id, role: reader.role, url: '/login', effect: 'allow' })
    return reply.header('set-cookie', cookies).redirect(to, 303)
  })

  server.post('/logout', OPEN, (request, reply) => {
    if (!isFromOurPage(request, login.url))
      return reply.code(403).type('text/plain; charset=utf-8').send('not from this page\n')
    const { to, cookies } = login.end(request.headers.cookie)
    return reply.header('set-cookie', cookies).redirect(to, 303)
  })

  server.get('/login/ended', OPEN, (_, reply) => html(reply, endedPage()))
}

const html = (reply: FastifyReply, page: string) => reply.type('text/html; charset=utf-8').send(page)

/** A form on another site would send its own origin, which no script can change. */
const isFromOurPage = ({ headers }: FastifyRequest, url: string): boolean => headers.origin === url
