/** Dashboard and alerts in a real Prometheus that scrapes our programs as they run: whatever is asked for is there. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { writeSlice } from '../../../src/core/policy/slice-line.ts'
import { deliver } from '../../broker/in-process.ts'
import { alerts, panelQueries, selectorsIn } from '../../deploy/monitoring/monitoring-files.ts'
import { runCommand } from '../../lab/command.ts'
import { callOver } from '../../lab/https.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { stream } from '../../sidecar/policy/loopback-broker.ts'
import { ROOT } from '../../suite.ts'
import { type Installation, install, until } from '../admission/installation.ts'
import { type StandingBroker, startBroker } from '../broker/standing-broker.ts'
import { type SidecarProcess, startSidecar } from '../credentials/sidecar-process.ts'
import { World } from '../credentials/world.ts'
import { type PrometheusProcess, startPrometheus, type Target } from './prometheus-process.ts'

const SOON = { timeout: 120_000, interval: 500 }
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const WEBHOOK = 'https://hook.lab:8443'
const EXPORT = 'http://127.0.0.1:8091'

let folder: string
let installation: Installation
let broker: StandingBroker
let world: World
let sidecar: SidecarProcess
let exporter: ReturnType<typeof spawn>
let prometheus: PrometheusProcess
let targets: readonly Target[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-monitoring-'))
  installation = await install()
  const records = join(folder, 'records')
  mkdirSync(records)
  broker = await startBroker(installation.ca, { args: ['--audit', records] })
  exporter = startExporter(records)
  world = new World()
  sidecar = await startSidecar(world)
  sidecar.broker.answer(stream(writeSlice(SLICE)))
  await until('the sidecar to be ready', async () => (await sidecar.ready()).status === 200)
  targets = targetsOf()
  prometheus = await startPrometheus(targets)
})
afterAll(async () => {
  await prometheus?.stop()
  exporter?.kill('SIGTERM')
  await sidecar?.stop()
  world?.remove()
  await broker?.stop()
  await installation?.uninstall()
  rmSync(folder, { recursive: true })
})

function startExporter(records: string): ReturnType<typeof spawn> {
  const settings = { name: 'lab', records, state: join(folder, 'state'), sinks: [{ name: 'output', to: 'stdout' }] }
  mkdirSync(settings.state)
  writeFileSync(join(folder, 'export.yaml'), JSON.stringify(settings))
  const args = ['export', '--settings', join(folder, 'export.yaml'), '--listen', '127.0.0.1']
  return spawn(process.execPath, [join(ROOT, 'src/kerbside.ts'), ...args], { stdio: 'ignore' })
}

/** As discovery finds them in a cluster, by the certificates and names of the pod monitors. */
function targetsOf(): readonly Target[] {
  const { ca } = installation
  const named = (job: string, labels: object = {}) => ({
    job: `kerbside/${job}`,
    labels: { pod: `${job}-0`, ...labels },
  })
  return [
    { ...named('kerbside-webhook'), url: `${WEBHOOK}/metrics`, ca },
    { ...named('kerbside-broker'), url: `${broker.url}/metrics`, ca, serverName: serverNameOf('kerbside-broker') },
    { ...named('kerbside-sidecar', { namespace: 'ml-quant' }), url: `${sidecar.health}/metrics` },
    { ...named('kerbside-export'), url: `${EXPORT}/metrics` },
  ]
}

function serverNameOf(monitor: string): string {
  type Monitor = { metadata: { name: string }; spec: { podMetricsEndpoints: { tlsConfig?: { serverName: string } }[] } }
  const file = readFileSync(join(ROOT, 'deploy/monitoring/pod-monitors.yaml'), 'utf8')
  const all = parseAllDocuments(file).map((document) => document.toJS() as Monitor)
  return all.find(({ metadata }) => metadata.name === monitor)?.spec.podMetricsEndpoints[0]?.tlsConfig?.serverName ?? ''
}

/** What happens on a good and on a bad day: admitted and refused pods, operations, batches. */
async function somethingHappens(): Promise<void> {
  await fetch(`${sidecar.gateway}/data/market?op=LISTSTATUS`)
  await fetch(`${sidecar.gateway}/data/weather?op=LISTSTATUS`)
  await callOver({ url: `${WEBHOOK}/mutate`, ca: installation.ca, method: 'POST', body: { kind: 'none' } })
  await broker.get('quant-research', 'no-token').then((answer) => answer.resume())
  const port = Number(new URL(broker.url).port)
  await deliver({ port, ca: installation.ca, token: 'no-token', body: '', type: undefined })
}

test('every program is scraped, by the name that its certificate has', async () => {
  const wanted = targets.map(({ job }) => `${job} up`).sort()
  await expect.poll(() => prometheus.targets(), SOON).toEqual(wanted)
})

test('what each of them tells is written as promtool wants it', async () => {
  for (const { job, url, ca } of targets) {
    const page =
      ca === undefined ? await fetch(url).then((answer) => answer.text()) : (await callOver({ url, ca })).body
    await expect(runCommand(['promtool', 'check', 'metrics'], { input: page }), job).resolves.toBeDefined()
  }
})

test('every query of every panel gives a series', async () => {
  const queries = panelQueries()
  expect(queries.length).toBeGreaterThan(30)
  await expect
    .poll(async () => {
      await somethingHappens()
      const counts = await Promise.all(queries.map(({ expr }) => prometheus.seriesOf(expr)))
      return queries.filter((_, index) => counts[index] === 0).map(({ where, expr }) => `${where}: ${expr}`)
    }, SOON)
    .toEqual([])
})

/** Told of by their program, and without a sample until it happens. */
const NOT_TODAY: ReadonlySet<string> = new Set(['kerbside_credential_failures_total', 'kerbside_broker_secrets_total'])

test('every selector of every alert finds the series that it is about, or one that only that day has', async () => {
  const selectors = [...new Set(alerts().flatMap(({ expr }) => selectorsIn(expr)))]
  const named = selectors.map((selector) => ({
    metric: selector.replace(/\{.*/, ''),
    // Of any value: what the alert waits for has not happened.
    expr: selector.startsWith('up{') ? selector : selector.replace(/(\w+)(=~|=|!=|!~)"[^"]*"/g, '$1!="none"'),
  }))
  const known = await prometheus.metadata()
  await expect
    .poll(async () => {
      await somethingHappens()
      const counts = await Promise.all(named.map(({ expr }) => prometheus.seriesOf(expr)))
      return named.filter((_, index) => counts[index] === 0).map(({ metric }) => metric)
    }, SOON)
    .toSatisfy((missing: readonly string[]) => missing.every((metric) => NOT_TODAY.has(metric) && known.has(metric)))
})

test('the rules are evaluated without an error, and on a good day no program is missed', async () => {
  const names = alerts().map(({ alert }) => alert)
  await expect
    .poll(async () => (await prometheus.rules()).map((rule) => rule.split(' ').slice(0, 2).join(' ')).sort(), SOON)
    .toEqual(names.map((name) => `${name} ok`).sort())
  const rules = await prometheus.rules()
  for (const name of [
    'KerbsideWebhookDown',
    'KerbsideBrokerDown',
    'KerbsideWebhookNotTrusted',
    'KerbsidePolicyStale',
  ]) {
    expect(rules).toContain(`${name} ok inactive`)
  }
})

test('a broker that ends is missed', async () => {
  await broker.stop()
  await expect.poll(() => prometheus.rules(), SOON).toContain('KerbsideBrokerDown ok pending')
  broker = await startBroker(installation.ca)
})
