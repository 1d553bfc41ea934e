/** A real Prometheus over a folder of its own: what it scrapes, what it is asked, and what it says of our rules. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alertGroups } from '../../deploy/monitoring/monitoring-files.ts'

/** One program, with the labels that discovery in a cluster gives it. */
export type Target = {
  readonly job: string
  readonly url: string
  /** PEM; for a target by https. */
  readonly ca?: string
  /** Name in its certificate, where it is not the host of the URL. */
  readonly serverName?: string
  readonly labels?: Readonly<Record<string, string>>
}

export type PrometheusProcess = {
  /** Number of series that an expression gives now. */
  seriesOf(expr: string): Promise<number>
  /** `up` and the last error of each target, by its job. */
  targets(): Promise<readonly string[]>
  /** Names of metrics that targets have told of, with samples or without. */
  metadata(): Promise<ReadonlySet<string>>
  /** Rules as they stand: `KerbsideWebhookDown ok inactive`. */
  rules(): Promise<readonly string[]>
  stop(): Promise<void>
}

const ORIGIN = 'http://127.0.0.1:9090'

export async function startPrometheus(targets: readonly Target[]): Promise<PrometheusProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-prometheus-'))
  writeFileSync(join(folder, 'rules.json'), JSON.stringify(alertGroups()))
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.json'],
    scrape_configs: targets.map((target) => scrapeOf(target, folder)),
  }
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config))
  const words = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${new URL(ORIGIN).host}`,
    '--log.level=warn',
  ]
  const child = spawn('prometheus', words, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text))
  const ask = async (path: string): Promise<unknown> => {
    if (child.exitCode !== null) throw new Error(`Prometheus ended: ${log}`)
    const answer = await fetch(`${ORIGIN}${path}`)
    const { status, data, error } = (await answer.json()) as { status: string; data: unknown; error?: string }
    if (status !== 'success') throw new Error(`${path}: ${error}`)
    return data
  }
  return {
    async seriesOf(expr) {
      const { result } = (await ask(`/api/v1/query?query=${encodeURIComponent(expr)}`)) as { result: unknown[] }
      return result.length
    },
    async targets() {
      type Active = { labels: { job: string }; health: string; lastError: string }
      const { activeTargets } = (await ask('/api/v1/targets')) as { activeTargets: Active[] }
      return activeTargets.map(({ labels, health, lastError }) => `${labels.job} ${health} ${lastError}`.trim()).sort()
    },
    metadata: async () => new Set(Object.keys(Object(await ask('/api/v1/metadata')))),
    async rules() {
      type Rule = { name: string; health: string; state: string; lastError?: string }
      const { groups } = (await ask('/api/v1/rules')) as { groups: { rules: Rule[] }[] }
      return groups
        .flatMap(({ rules }) => rules)
        .map(({ name, health, state, lastError = '' }) => `${name} ${health} ${state} ${lastError}`.trim())
    },
    async stop() {
      const end = once(child, 'exit')
      if (child.exitCode === null && child.kill('SIGTERM')) await end
      rmSync(folder, { recursive: true })
    },
  }
}

function scrapeOf({ job, url, ca, serverName, labels = {} }: Target, folder: string): object {
  const { protocol, host, pathname } = new URL(url)
  const caFile = join(folder, `${job.replaceAll('/', '-')}.pem`)
  if (ca !== undefined) writeFileSync(caFile, ca)
  const tls =
    ca === undefined ? {} : { tls_config: { ca_file: caFile, ...(serverName && { server_name: serverName }) } }
  return {
    job_name: job,
    scheme: protocol.slice(0, -1),
    metrics_path: pathname,
    static_configs: [{ targets: [host], labels }],
    ...tls,
  }
}
