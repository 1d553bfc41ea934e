/** What the labels of all namespaces are, and which users OpenShift gives them, as the API server tells them: listed, then watched. What is not known selects no namespace. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { toKerbsideError } from '../src/core/errors.ts'
import { USER_RANGE_ANNOTATION } from '../src/core/identity/sidecar-user.ts'
import type { Labels } from '../src/core/policy/decision/selector.ts'
import { apiList, apiWatch, type Watched } from '../src/io/api-server-watch.ts'
import type { KubernetesAccess } from '../src/io/kubernetes.ts'

export type NamespaceTimes = {
  readonly retryMs: number
  /** For the list to come. */
  readonly listMs: number
  /** A watch is ended after so long, and all is listed anew. */
  readonly watchMs: number
  /** Labels that were not heard of for so long are not known any more. */
  readonly staleMs: number
}

const MINUTE_MS = 60_000
const TIMES: NamespaceTimes = {
  retryMs: 2000,
  listMs: 30_000,
  watchMs: 10 * MINUTE_MS,
  staleMs: 5 * MINUTE_MS,
}

export type Namespaces = {
  /** Undefined while they are not known. A namespace without labels has none, which is known. */
  labelsOf(name: string): Labels | undefined
  /** Undefined where OpenShift gives none, and while that is not known. */
  userRangeOf(name: string): string | undefined
  /** Why they are not known yet; undefined after the first try, whatever came of it: it must not stop all admission. */
  problem(): string | undefined
  stop(): void
}

export type NamespacesOptions = {
  /** Without a cluster nothing is ever known. */
  readonly cluster: KubernetesAccess | undefined
  readonly log: Logger
  /** Milliseconds, of any beginning. */
  readonly clock: () => number
  readonly times?: Partial<NamespaceTimes>
}

export function watchNamespaces({ cluster, log, clock, times: given }: NamespacesOptions): Namespaces {
  if (cluster === undefined)
    return { labelsOf: () => undefined, userRangeOf: () => undefined, problem: () => undefined, stop: () => {} }
  const times = { ...TIMES, ...given }
  const stop = new AbortController()
  let known = new Map<string, Known>()
  let heardAt = Number.NEGATIVE_INFINITY
  let isTried = false
  let told: string | undefined

  const take = (object: unknown) => known.set(nameIn(object), knownIn(object))

  /** Until the watch ends: what was missed between two is in the next list. */
  async function follow(config: KubernetesAccess): Promise<void> {
    const listing = { ...NAMESPACES, signal: AbortSignal.any([stop.signal, AbortSignal.timeout(times.listMs)]) }
    const { items, resourceVersion: from } = await apiList(config, listing)
    known = new Map()
    items.forEach(take)
    heardAt = clock()
    isTried = true
    const watching = { ...NAMESPACES, signal: stop.signal, from, seconds: Math.ceil(times.watchMs / 1000) }
    for await (const { type, object } of apiWatch(config, watching)) {
      if (type === 'ERROR' || stop.signal.aborted) return
      heardAt = clock()
      if (type === 'ADDED' || type === 'MODIFIED') take(object)
      if (type === 'DELETED') known.delete(nameIn(object))
    }
  }

  async function keepFollowing(config: KubernetesAccess): Promise<void> {
    while (!stop.signal.aborted) {
      const failure = await follow(config).then(() => undefined, toKerbsideError)
      isTried = true
      if (stop.signal.aborted) return
      const problem = failure?.message
      if (failure !== undefined && problem !== told)
        log.warn({ problem, hint: failure.hint }, 'namespaces are not read')
      told = problem
      await wait(times.retryMs, undefined, { signal: stop.signal }).catch(() => {})
    }
  }

  void keepFollowing(cluster)
  return {
    labelsOf: (name) => (clock() - heardAt < times.staleMs ? known.get(name)?.labels : undefined),
    userRangeOf: (name) => known.get(name)?.userRange,
    problem: () => (isTried ? undefined : 'the namespaces are not read yet'),
    stop: () => stop.abort(),
  }
}

const NAMESPACES: Omit<Watched, 'signal'> = {
  path: '/api/v1/namespaces',
  allowedBy: 'the ClusterRole kerbside-webhook',
}

type Known = { readonly labels: Labels; readonly userRange: string | undefined }

const nameIn = (namespace: unknown) => String(Object(Object(namespace).metadata).name ?? '')

function knownIn(namespace: unknown): Known {
  const { labels, annotations } = Object(Object(namespace).metadata)
  const texts = (of: unknown) =>
    new Map(Object.entries(Object(of)).filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
  return { labels: texts(labels), userRange: texts(annotations).get(USER_RANGE_ANNOTATION) }
}
