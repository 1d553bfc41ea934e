/** What the labels of all namespaces are, and which users OpenShift gives them, as the API server tells them: listed, then watched. What is not known selects no namespace. */
import { setTimeout as wait } from 'node:timers/promises'
import { CoreV1Api, type KubeConfig, type V1Namespace, type V1ObjectMeta, Watch } from '@kubernetes/client-node'
import type { Logger } from 'pino'
import { USER_RANGE_ANNOTATION } from '../src/core/identity/sidecar-user.ts'
import type { Labels } from '../src/core/policy/decision/selector.ts'
import { apiStatus } from '../src/io/kubernetes.ts'

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
  readonly cluster: KubeConfig | undefined
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
  let connection: AbortController | undefined
  let known = new Map<string, Known>()
  let heardAt = Number.NEGATIVE_INFINITY
  let isTried = false
  let told: string | undefined

  const heard = () => {
    heardAt = clock()
  }
  const onEvent = (type: string, { metadata }: V1Namespace): void => {
    heard()
    if (type === 'ADDED' || type === 'MODIFIED') known.set(metadata?.name ?? '', knownIn(metadata))
    if (type === 'DELETED') known.delete(metadata?.name ?? '')
  }

  /** Until the watch ends, which it does by itself after 30 s of silence; what was missed between two is in the next list. */
  async function follow(config: KubeConfig): Promise<void> {
    const { items, metadata } = await within(times.listMs, config.makeApiClient(CoreV1Api).listNamespace())
    known = new Map(items.map((item) => [item.metadata?.name ?? '', knownIn(item.metadata)]))
    heard()
    isTried = true
    await watchOnce(config, metadata?.resourceVersion)
  }

  function watchOnce(config: KubeConfig, resourceVersion: string | undefined): Promise<void> {
    const watch = new Watch(config)
    const query = { resourceVersion, allowWatchBookmarks: true, timeoutSeconds: Math.ceil(times.watchMs / 1000) }
    return new Promise((resolve, reject) => {
      let isExpired = false
      const onLine = (type: string, object: V1Namespace) => {
        if (type === 'ERROR') isExpired = true
        else if (!stop.signal.aborted && !isExpired) onEvent(type, object)
      }
      const onEnd = (error: unknown) => {
        const isOver =
          error === null || error === undefined || (error instanceof Error && error.name === 'TimeoutError')
        return isOver ? resolve() : reject(error)
      }
      watch.watch('/api/v1/namespaces', query, onLine, onEnd).then((opened) => {
        connection = opened
        if (stop.signal.aborted) opened.abort()
      }, reject)
    })
  }

  async function keepFollowing(config: KubeConfig): Promise<void> {
    while (!stop.signal.aborted) {
      const failure = await follow(config).then(
        () => undefined,
        (thrown: unknown) => whatFailed(thrown),
      )
      isTried = true
      if (stop.signal.aborted) return
      if (failure !== undefined && failure !== told) log.warn({ problem: failure }, 'namespaces are not read')
      told = failure
      await wait(times.retryMs, undefined, { signal: stop.signal }).catch(() => {})
    }
  }

  void keepFollowing(cluster)
  return {
    labelsOf: (name) => (clock() - heardAt < times.staleMs ? known.get(name)?.labels : undefined),
    userRangeOf: (name) => known.get(name)?.userRange,
    problem: () => (isTried ? undefined : 'the namespaces are not read yet'),
    stop: () => {
      stop.abort()
      connection?.abort()
    },
  }
}

type Known = { readonly labels: Labels; readonly userRange: string | undefined }

const knownIn = (metadata: V1ObjectMeta | undefined): Known => ({
  labels: new Map(Object.entries(metadata?.labels ?? {})),
  userRange: new Map(Object.entries(metadata?.annotations ?? {})).get(USER_RANGE_ANNOTATION),
})

function whatFailed(thrown: unknown): string {
  const status = apiStatus(thrown)
  if (status === 403) return 'the API server answers 403: the ClusterRole kerbside-webhook allows it'
  if (status !== undefined) return `the API server answers ${status}`
  return thrown instanceof Error ? thrown.message : String(thrown)
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const over = new AbortController()
  const late = wait(ms, undefined, { signal: over.signal }).then(() => {
    throw new Error(`the API server did not answer in ${ms} ms`)
  })
  late.catch(() => {})
  try {
    return await Promise.race([promise, late])
  } finally {
    over.abort()
  }
}
