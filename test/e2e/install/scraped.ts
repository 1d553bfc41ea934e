/** What the Prometheus operator makes of the chart's monitors, made by hand: targets of a real Prometheus from the pods that they select. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Kubernetes } from '../../lab/kubernetes.ts'
import { type PrometheusProcess, startPrometheus, type Target } from '../monitoring/prometheus-process.ts'
import { objectsIn, ROOT } from './helm.ts'

type Endpoint = {
  readonly port?: string
  readonly scheme?: string
  readonly tlsConfig?: { readonly serverName: string; readonly ca: { readonly secret: SecretKey } }
}
type SecretKey = { readonly name: string; readonly key: string }
type Monitor = {
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly spec: {
    readonly selector: { readonly matchLabels?: { readonly app: string } }
    readonly podMetricsEndpoints: readonly Endpoint[]
  }
}
type Pods = {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
    readonly spec: {
      readonly containers: readonly { readonly ports?: readonly { name: string; containerPort: number }[] }[]
    }
    readonly status: { readonly podIP?: string }
  }[]
}

/** @param use gets the names of the jobs, each once */
export async function scrapedAsMonitored(
  api: Kubernetes,
  use: (prometheus: PrometheusProcess, jobs: readonly string[]) => Promise<void>,
): Promise<void> {
  const monitors = objectsIn(
    readFileSync(join(ROOT, 'deploy/monitoring/pod-monitors.yaml'), 'utf8'),
  ) as unknown as Monitor[]
  const ofPrograms = monitors.filter(({ spec }) => spec.selector.matchLabels !== undefined)
  const targets = (await Promise.all(ofPrograms.map((monitor) => targetsOf(api, monitor)))).flat()
  const prometheus = await startPrometheus(targets)
  try {
    await use(prometheus, targets.map(({ job }) => job).sort())
  } finally {
    await prometheus.stop()
  }
}

/** One of its pods: the others are like it, and a job has one name here. */
async function targetsOf({ get }: Kubernetes, { metadata, spec }: Monitor): Promise<readonly Target[]> {
  const { namespace, name } = metadata
  const selector = encodeURIComponent(`app=${spec.selector.matchLabels?.app}`)
  const pods = await get<Pods>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`)
  const pod = pods?.items.find((one) => one.metadata.deletionTimestamp === undefined)
  const [endpoint] = spec.podMetricsEndpoints
  const port = pod?.spec.containers
    .flatMap(({ ports = [] }) => ports)
    .find((each) => each.name === endpoint?.port)?.containerPort
  if (pod === undefined || port === undefined) return []
  const url = `${endpoint?.scheme ?? 'http'}://${pod.status.podIP}:${port}/metrics`
  const common = { job: `${namespace}/${name}`, url, labels: { pod: pod.metadata.name } }
  const tls = endpoint?.tlsConfig
  if (tls === undefined) return [common]
  type Secret = { readonly data: Readonly<Record<string, string>> }
  const secret = await get<Secret>(`/api/v1/namespaces/${namespace}/secrets/${tls.ca.secret.name}`)
  const ca = Buffer.from(secret?.data[tls.ca.secret.key] ?? '', 'base64').toString()
  return [{ ...common, ca, serverName: tls.serverName }]
}
