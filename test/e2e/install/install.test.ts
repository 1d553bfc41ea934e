/**
 * Installed by README's commands, word by word, on a real Kubernetes; then changed, taken back and taken away while jobs run. The records
 * of those jobs are shown, sent on and measured by what the chart gives for them.
 */
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { fillStore } from '../../demo/installation.ts'
import { helmBinary } from '../../lab/build/helm.ts'
import { kubernetesBinary } from '../../lab/build/kubernetes.ts'
import { kubernetes } from '../../lab/kubernetes.ts'
import { kubernetesFiles } from '../../lab/kubernetes-files.ts'
import { browser, signIn } from '../../review/login/browser.ts'
import { CHART, helm, helmed, lab, NAMESPACE, ROOT, yamlOf } from './helm.ts'
import { forgetOthers, ours, oursInNamespace } from './leftovers.ts'
import { bringRecords, loadReviewImage, type Records } from './records.ts'
import { scrapedAsMonitored } from './scraped.ts'
import { reader, streamOfPods } from './traffic.ts'

const JOBS = 'ml-quant'
const LONG_MS = 600_000
const api = kubernetes(lab.folder)
const folder = mkdtempSync(join(tmpdir(), 'kerbside-install-'))
const injection = {
  ...(parse(readFileSync(join(ROOT, 'deploy/examples/injection.yaml'), 'utf8')) as object),
  authorities: readFileSync(lab.files.authority, 'utf8'),
}
const NEXT = 'kerbside:next'
const SOON = { timeout: 300_000, interval: 1000 }
let records: Records

beforeAll(async () => {
  await forgetOthers(api)
  await fillStore(lab)
  await api.namespace(JOBS, { 'pod-security.kubernetes.io/enforce': 'restricted' })
  await api.apply([{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'trainer', namespace: JOBS } }])
  writeFileSync(join(folder, 'injection.yaml'), stringify(injection))
  for (const name of ['deploy', 'policies']) symlinkSync(join(ROOT, name), join(folder, name))
  putCommands()
}, LONG_MS)

afterAll(async () => {
  await helm(['uninstall', 'kerbside', '--namespace', NAMESPACE, '--ignore-not-found', '--wait'])
  await api.kubectl(['delete', 'jobs,pods', '--all', '-n', JOBS, '--wait=false'])
  const made = ['kerbside-policies', 'kerbside-injection']
  await api.kubectl(['delete', 'configmaps', ...made, '-n', NAMESPACE, '--ignore-not-found'])
  await records?.end()
  rmSync(folder, { recursive: true })
}, LONG_MS)

/** Those that README names, as they are called there. */
function putCommands(): void {
  mkdirSync(join(folder, 'bin'))
  symlinkSync(helmBinary(lab.folder), join(folder, 'bin/helm'))
  symlinkSync(kubernetesBinary(lab.folder, 'kubectl'), join(folder, 'bin/kubectl'))
  const kerbside = join(folder, 'bin/kerbside')
  writeFileSync(kerbside, `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'src/kerbside.ts')}' "$@"\n`)
  chmodSync(kerbside, 0o755)
}

/** The lines of README between the marks, run by a shell where `policies`, `deploy` and `injection.yaml` are. */
function asReadmeSays(mark: string): Promise<string> {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const [, commands = 'false'] = new RegExp(`<!-- ${mark} -->\n+\`\`\`sh\n([\\s\\S]*?)\`\`\``).exec(readme) ?? []
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
    HOME: folder,
    KUBECONFIG: kubernetesFiles(lab.folder).kubeconfig('admin'),
  }
  return new Promise((resolve, reject) => {
    execFile('sh', ['-exc', commands], { cwd: folder, env }, (error, out, err) => {
      if (error === null) resolve(out)
      else reject(new Error(`${err}${out}`))
    })
  })
}

const installed = (name: string) => `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${name}`
const upgrade = (values: object) =>
  helmed(
    ['upgrade', 'kerbside', CHART, '--namespace', NAMESPACE, '--wait', '--timeout', '10m', '--values', '-'],
    yamlOf(values),
  )

test(
  'installed by the two commands of README, with default values, its example job reads data',
  async () => {
    await asReadmeSays('install')
    await asReadmeSays('example job')
    type Job = { status?: { succeeded?: number; failed?: number } }
    const job = await api.waitFor<Job>(
      `/apis/batch/v1/namespaces/${JOBS}/jobs/train`,
      ({ status }) => (status?.succeeded ?? 0) + (status?.failed ?? 0) > 0,
      { timeoutSeconds: 400 },
    )
    const said = await api.kubectl(['logs', '-n', JOBS, 'job/train', '-c', 'train'])
    expect(said).toContain('560 rows')
    expect(said).toContain('no-dataset')
    expect(job.status).toMatchObject({ succeeded: 1 })
    expect(await helmed(['test', 'kerbside', '--namespace', NAMESPACE, '--timeout', '5m'])).toContain('Succeeded')
  },
  LONG_MS,
)

test(
  'a second release beside it is refused, and changes nothing',
  async () => {
    const before = await ours(api)
    const { code, err } = await helm(['install', 'other', CHART, '--namespace', 'kerbside-other', '--create-namespace'])
    await api.kubectl(['delete', 'namespace', 'kerbside-other', '--ignore-not-found', '--wait=false'])
    expect([code, err]).toEqual([1, expect.stringContaining('invalid ownership metadata')])
    expect(await ours(api)).toEqual(before)
  },
  LONG_MS,
)

test(
  'programs and sidecars are replaced, and taken back, and no pod is lost, left out or cut off meanwhile',
  async () => {
    execFileSync('ctr', ['--namespace', 'k8s.io', 'images', 'tag', '--force', full('kerbside:dev'), full(NEXT)])
    await loadReviewImage()
    records = await bringRecords(api)
    const old = await reader(api, { namespace: JOBS, name: 'old-sidecar' })
    const stream = streamOfPods(api, JOBS)
    // The file of every webhook that runs must know what any other of them injects: first known, then used.
    // By another name than the ConfigMap that `kerbside render` made, which is not Helm's.
    const injecting = (file: object) => ({
      ...records.values,
      image: NEXT,
      injection: { configMap: 'kerbside-sidecars', file },
    })
    const known = injecting({ ...injection, earlier: [{ image: NEXT }] })
    const used = injecting({ ...injection, image: NEXT, earlier: [{ image: 'kerbside:dev' }] })
    await upgrade(known)
    await upgrade(used)
    expect(await stream.next()).toBe(NEXT)
    await helmed(['rollback', 'kerbside', '2', '--namespace', NAMESPACE, '--wait', '--timeout', '10m'])
    expect(await stream.next()).toBe('kerbside:dev')
    const { created, wrong, images } = await stream.end()
    expect(wrong).toEqual([])
    expect(created).toBeGreaterThan(100)
    expect(images).toEqual(new Set(['kerbside:dev', NEXT]))
    const { answers, failed } = await old.end()
    expect(failed).toEqual([])
    expect(answers).toBeGreaterThan(20)
  },
  LONG_MS,
)

test(
  'the page of the chart signs a reader in at its provider, and shows what the jobs did',
  async () => {
    const one = browser(records.ca)
    const opened = () => one.open(`${records.url}/records?identity=quant-research`)
    // The provider's form, to which the page sends whoever is not signed in.
    const form = await vi.waitFor(opened, SOON)
    expect([form.status, new URL(form.url).origin === records.url]).toEqual([200, false])
    const { url, status } = await one.open(await signIn(one, form, 'rita'))
    expect([status, new URL(url).origin]).toEqual([200, records.url])
    const shown = async () => (await opened()).text
    await expect.poll(shown, SOON).toContain('old-sidecar')
  },
  LONG_MS,
)

test(
  'the exporter of the chart writes what is on the volume of the brokers as Parquet',
  async () => {
    const files = `${records.lake}/audit/day=*/*.parquet`
    const query = `SELECT DISTINCT identity, operation FROM read_parquet('${files}') WHERE pod = 'old-sidecar' AND kind = 'start'`
    await expect.poll(() => rowsOf(query), SOON).toContainEqual({ identity: 'quant-research', operation: 'LISTSTATUS' })
  },
  LONG_MS,
)

test(
  'Prometheus scrapes the programs by what the monitors of the chart say',
  async () => {
    await scrapedAsMonitored(api, async (prometheus, jobs) => {
      expect(jobs).toEqual(['kerbside/kerbside-broker', 'kerbside/kerbside-export', 'kerbside/kerbside-webhook'])
      const isUp = async () =>
        new Set((await prometheus.targets()).map((line) => line.split(' ').slice(0, 2).join(' ')))
      await expect.poll(isUp, SOON).toEqual(new Set(jobs.map((job) => `${job} up`)))
      const isSent = () => prometheus.seriesOf('kerbside_export_records_total{sink="lake"} > 0')
      await expect.poll(isSent, SOON).toBe(1)
    })
  },
  LONG_MS,
)

test(
  'once it is gone nothing of it stands in anybody’s way',
  async () => {
    expect(await api.get(installed('kerbside-webhook'))).toBeDefined()
    await helmed(['uninstall', 'kerbside', '--namespace', NAMESPACE, '--wait', '--timeout', '5m'])
    expect(await ours(api)).toEqual([])
    await expect.poll(() => oursInNamespace(api, NAMESPACE), SOON).toEqual([])
    const pod = { metadata: { name: 'after' }, spec: { containers: [{ name: 'c', image: 'lab/train:1' }] } }
    const labelled = { ...pod, metadata: { name: 'after', labels: { 'kerbside.io/identity': 'quant-research' } } }
    for (const body of [pod, labelled]) {
      expect((await api.api('/api/v1/namespaces/default/pods?dryRun=All', { method: 'POST', body })).status).toBe(201)
    }
  },
  LONG_MS,
)

/** What DuckDB answers; nothing while there is no file. */
async function rowsOf(query: string): Promise<unknown> {
  const connection = await DuckDBConnection.create()
  try {
    return (await connection.runAndReadAll(query)).getRowObjectsJson()
  } catch {
    return []
  } finally {
    connection.closeSync()
  }
}

const full = (image: string) => `docker.io/library/${image}`
