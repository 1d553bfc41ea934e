/** A list of the API server, and what changes of it from then on, one event after another. */
import { KerbsideError } from '../core/errors.ts'
import { apiAnswer, apiRequest, UNHURRIED_MS as withinMs } from './api-server-request.ts'
import type { KubernetesAccess } from './kubernetes.ts'

export type Watched = {
  /** Of a list: `/api/v1/namespaces`. */
  readonly path: string
  /** What gives us the right to see it, for whoever took that away. */
  readonly allowedBy: string
  readonly signal: AbortSignal
}

/** An event of a watch (k8s.io/apimachinery, watch.EventType). `ERROR` says that the list is to be read anew. */
export type WatchEvent = { readonly type: string; readonly object: unknown }

const PAGE = 500
/** A bookmark comes every minute (k8s.io/apiserver, cacher): who is silent for longer is not there any more. */
const SILENCE_MS = 90_000
/** The API server takes 1.5 MiB of one object. */
const LONGEST_LINE = 4 * 1024 * 1024

/** @throws KerbsideError `io-failed` when it is refused or not answered */
export async function apiList(
  config: KubernetesAccess,
  { path, allowedBy, signal }: Watched,
): Promise<{ readonly items: readonly unknown[]; readonly resourceVersion: string }> {
  const all: unknown[] = []
  for (let from = ''; ; ) {
    const query = new URLSearchParams({ limit: String(PAGE), ...(from === '' ? {} : { continue: from }) })
    const { status, body } = await apiRequest(config, { method: 'GET', path: `${path}?${query}`, signal, withinMs })
    if (status !== 200) throw refused(status, allowedBy)
    const { items, metadata } = Object(body)
    all.push(...(Array.isArray(items) ? items : []))
    const { continue: next = '', resourceVersion = '' } = Object(metadata)
    if (next === '') return { items: all, resourceVersion: String(resourceVersion) }
    from = String(next)
  }
}

/**
 * Ends when the time is over, when the connection does, and when nothing is heard for long: then all is to be listed anew.
 * @throws KerbsideError `io-failed` when it is refused, and whatever the connection fails with
 */
export async function* apiWatch(
  config: KubernetesAccess,
  { path, allowedBy, signal, from, seconds }: Watched & { readonly from: string; readonly seconds: number },
): AsyncGenerator<WatchEvent> {
  const query = new URLSearchParams({
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: from,
    timeoutSeconds: String(seconds),
  })
  const answer = await apiAnswer(config, { method: 'GET', path: `${path}?${query}`, signal })
  try {
    if (answer.statusCode !== 200) throw refused(answer.statusCode ?? 0, allowedBy)
    answer.setEncoding('utf8').setTimeout(SILENCE_MS, () => answer.destroy())
    let held = ''
    for await (const piece of answer as AsyncIterable<string>) {
      const lines = (held + piece).split('\n')
      held = lines.pop() ?? ''
      if (held.length > LONGEST_LINE) throw unreadable('has no end')
      for (const line of lines) if (line !== '') yield eventIn(line)
    }
  } finally {
    answer.destroy()
  }
}

function eventIn(line: string): WatchEvent {
  try {
    const { type, object } = Object(JSON.parse(line))
    return { type: String(type), object }
  } catch {
    throw unreadable('is not JSON')
  }
}

const unreadable = (what: string) => new KerbsideError('io-failed', `an event of the API server ${what}`)
const refused = (status: number, allowedBy: string) =>
  new KerbsideError(
    'io-failed',
    `the API server answers ${status}`,
    status === 403 ? { hint: `${allowedBy} allows it` } : {},
  )
