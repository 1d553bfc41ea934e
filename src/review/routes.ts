/** Which link is which page: reads what is asked, puts the question, and hands the answer to the page. */
import type { Server } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type RecordFilter, readFilter } from '../core/audit/record-filter.ts'
import { KerbsideError } from '../core/errors.ts'
import { parseInstant } from '../core/instant.ts'
import type { ChainWatch } from './chain-watch.ts'
import type { Viewer } from './guard.ts'
import { type Html, html } from './html.ts'
import { linksFor } from './links.ts'
import { may, type Need } from './login/reader.ts'
import { datasetBody } from './pages/dataset.ts'
import { denialBody } from './pages/denial.ts'
import { KIND_NAMES } from './pages/items.ts'
import { jobBody } from './pages/job.ts'
import { overviewBody, PERIODS, periodChoice } from './pages/overview.ts'
import { policyBody } from './pages/policy.ts'
import { diffBody } from './pages/policy-diff.ts'
import { recordBody } from './pages/record.ts'
import { recordsBody } from './pages/records.ts'
import { empty, problems } from './pages/states.ts'
import { verifyBody } from './pages/verify.ts'
import { viewsBody } from './pages/views.ts'
import { type Place, readPlace } from './query/item.ts'
import type { Questions } from './query/questions.ts'
import { search } from './query/search.ts'
import { queryOf } from './request-query.ts'
import { page } from './shell.ts'
import type { ViewsRead } from './views-read.ts'
import { foreign, shortHash } from './words.ts'

export type PageParts = {
  readonly questions: Questions
  readonly chains: ChainWatch
  /** Absent where nobody signs in. */
  readonly views: ViewsRead | undefined
  readonly hasLogin: boolean
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

type Asked = {
  readonly query: URLSearchParams
  readonly parameters: Readonly<Record<string, string>>
  readonly viewer: Viewer
  readonly links: ReturnType<typeof linksFor>
}

type Told = {
  readonly title: string
  readonly lede?: Html | string
  readonly choices?: Html
  readonly body: Html
  readonly status?: number
  /** Seconds after which the browser asks again. */
  readonly again?: number
}

/** Rows on a page: with the longest paths in each it stays below 100 kB. */
const ROWS = 40
const FACET_VALUES = 8
/** Groups of denials on the overview for which an edit is looked for. */
const FIXED = 6
/** Of a page whose answer is on its way. */
const SOON = { again: 3 } as const
const UNUSED_MS = 90 * 86_400_000

export function pageRoutes(server: FastifyInstance<Server>, parts: PageParts): void {
  const { questions, chains, views, hasLogin, clock } = parts

  /** A page at a path; `menu` is the one of the menu that it belongs to. */
  const at = (path: string, { need, menu }: { need: Need; menu: string }, tell: (asked: Asked) => Promise<Told>) =>
    server.get(path, { config: { need } }, async (request, reply) => {
      const asked = askedOf(request)
      const { status = 200, again, ...told } = await tell(asked)
      if (again !== undefined) reply.header('refresh', String(again))
      return sendPage(reply, status, page({ ...told, menu, viewer: asked.viewer, hasLogin }))
    })

  at('/', { need: 'records', menu: '/' }, async ({ query, viewer, links }) => {
    const [, name, lastMs] = PERIODS.find(([word]) => word === query.get('last')) ?? PERIODS[1]
    const mayVerify = may(viewer.reader, 'everything')
    const [overview, { verdict }] = await Promise.all([questions.overview({ lastMs }, viewer.scope), chains.newest()])
    const fixes = await Promise.all(
      overview.denials.slice(0, FIXED).map(({ place }) => questions.denial(place, viewer.scope)),
    )
    const body = overviewBody({ overview, fixes, verdict, mayVerify, links })
    return {
      title: 'Overview',
      lede: `The last ${name.toLowerCase()}, up to now.`,
      choices: periodChoice(lastMs, links),
      body,
    }
  })

  at('/records', { need: 'records', menu: '/records' }, async ({ query, viewer, links }) => {
    const read = readFilter(query, ['after', 'before', 'of'])
    const places = [placeOf(query, 'after'), placeOf(query, 'before')] as const
    const wrong = [
      'problems' in read ? read.problems : [],
      ...places.map((place) => ('problem' in place ? [place.problem] : [])),
    ].flat()
    if (wrong.length > 0 || 'problems' in read) return notUnderstood('Records', wrong, links.page('/records'))
    const { filter } = read
    const [after, before] = places.map((place) => ('place' in place ? place.place : undefined))
    const asked = {
      filter,
      limit: ROWS,
      values: FACET_VALUES,
      ...(after === undefined ? {} : { after }),
      ...(before === undefined ? {} : { before }),
    }
    const { page: rows, facets } = await search(questions, asked, viewer.scope)
    const isNewest = after === undefined && before === undefined
    const body = recordsBody({ filter, page: rows, facets, isNewest, links })
    return { title: 'Records', lede: 'Newest first. What is chosen stands in the address: a finding is a link.', body }
  })

  at('/record/:sidecar/:sequence', { need: 'records', menu: '/records' }, async ({ parameters, viewer, links }) => {
    const record = await questions.record(inChain(parameters), viewer.scope)
    if (record === undefined) return notHere('Record', 'There is no such record here, or it is none of your team.')
    const { item } = record
    const title = `${item.what?.operation ?? KIND_NAMES[item.kind]} ${item.what?.path ?? ''}`
    return {
      title: title.slice(0, 200),
      lede: foreign(`${item.who.identity} ${item.who.namespace}/${item.who.pod}`, 300),
      body: recordBody(record, links),
    }
  })

  at('/denial/:sidecar/:sequence', { need: 'records', menu: '/records' }, async ({ parameters, viewer, links }) => {
    const denial = await questions.denial(inChain(parameters), viewer.scope)
    if (denial === undefined) return notHere('Denial', 'There is no such denial here, or it is none of your team.')
    return { title: 'Why it was denied, and what would allow it', body: denialBody(denial, links) }
  })

  at('/job', { need: 'records', menu: '/records' }, async ({ query, viewer, links }) => {
    const [namespace = '', kind = '', name = ''] = ['namespace', 'kind', 'name'].map((key) => query.get(key) ?? '')
    const after = placeOf(query, 'after')
    if ('problem' in after) return notUnderstood('Job', [after.problem], links.page('/'))
    const asked = { namespace, kind, name, limit: ROWS, ...(after.place === undefined ? {} : { after: after.place }) }
    const job = await questions.job(asked, viewer.scope)
    if (job === undefined) return notHere('Job', 'No record names that job.')
    return {
      title: `${kind} ${name}`,
      lede: foreign(`In namespace ${namespace}`, 200),
      body: jobBody({ job, asked, links }),
    }
  })

  at('/dataset', { need: 'records', menu: '/records' }, async ({ query, viewer, links }) => {
    const dataset = query.get('name') ?? ''
    const since = query.get('from') || undefined
    const from = since === undefined ? undefined : (parseInstant(since) ?? parseInstant(`${since}T00:00:00Z`))
    const wrong = since !== undefined && from === undefined ? [`\`${since}\` is no day such as 2027-03-01`] : []
    const asked = { dataset, ...(from === undefined ? {} : { from }) }
    const answer = await questions.dataset(asked, viewer.scope)
    const body = datasetBody({ answer, asked, links })
    return { title: `Dataset ${dataset}`, body: wrong.length > 0 ? withProblems(wrong, body) : body }
  })

  at('/policy', { need: 'everything', menu: '/policy' }, async ({ viewer, links }) => {
    const since = clock() - UNUSED_MS
    const [bundles, unused] = await Promise.all([
      questions.bundles(viewer.scope),
      questions.unused({ since }, viewer.scope),
    ])
    return {
      title: 'Policy',
      lede: 'By which policy it was decided, and what of it nobody needs.',
      body: policyBody(bundles, unused, links),
      ...(unused !== undefined && unused.unused === undefined ? SOON : {}),
    }
  })

  at('/policy/diff', { need: 'everything', menu: '/policy' }, async ({ query, viewer, links }) => {
    const [before = '', after = ''] = ['before', 'after'].map((key) => query.get(key) ?? '')
    const answer = await questions.diff({ before, after }, viewer.scope)
    return {
      title: 'What another policy changes',
      lede: html`From ${shortHash(before)} to ${shortHash(after)}`,
      body: diffBody(answer, links),
      ...('diff' in answer && answer.replayed === undefined ? SOON : {}),
    }
  })

  at('/verify', { need: 'everything', menu: '/verify' }, async () => {
    const state = await chains.newest()
    const again = state.progress === undefined ? {} : SOON
    return {
      title: 'Is the log whole?',
      lede: 'Every record is chained to the one before by its hash. Here all of them are followed.',
      body: verifyBody(state),
      ...again,
    }
  })

  at('/views', { need: 'views', menu: '/views' }, async ({ query, links }) => {
    const found = await views?.(query.get('after') ?? undefined)
    return {
      title: 'Who looked',
      lede: 'Every page of the audit that was shown or refused.',
      body: viewsBody(found, links),
    }
  })
}

function askedOf(request: FastifyRequest): Asked {
  const { viewer } = request
  if (viewer === null) throw new KerbsideError('internal', 'a page is about to be made for nobody')
  return {
    query: queryOf(request),
    parameters: request.params as Readonly<Record<string, string>>,
    viewer,
    links: linksFor(viewer),
  }
}

/** The filter of a link that is no page: everything must be understood. */
export function filterOf(query: URLSearchParams, besides: readonly string[]): RecordFilter {
  const read = readFilter(query, besides)
  if ('filter' in read) return read.filter
  throw new KerbsideError('bad-request', read.problems.join('; '))
}

export const sendPage = (reply: FastifyReply, status: number, text: string): FastifyReply =>
  reply.code(status).type('text/html; charset=utf-8').send(text)

function placeOf(
  query: URLSearchParams,
  name: string,
): { readonly place: Place | undefined } | { readonly problem: string } {
  const text = query.get(name)
  if (text === null || text === '') return { place: undefined }
  const place = readPlace(text)
  return place === undefined ? { problem: `\`${text}\` is no place in the records` } : { place }
}

function inChain({ sidecar = '', sequence = '' }: Readonly<Record<string, string>>) {
  const isNumber = /^\d{1,15}$/.test(sequence)
  return { sidecar, sequence: isNumber ? Number(sequence) : -1 }
}

const notHere = (title: string, what: string): Told => ({ title, body: empty('Not here', what), status: 404 })

const notUnderstood = (title: string, wrong: readonly string[], link: string): Told => ({
  title,
  body: withProblems(
    wrong,
    empty(
      'That link is not understood',
      html`Nothing is shown, lest it be the answer to another question. <a href="${link}">Begin anew</a>.`,
    ),
  ),
  status: 400,
})

const withProblems = (wrong: readonly string[], body: Html): Html => html`${problems(wrong)}${body}`
