/** Metrics, dashboard and alerts name the same things, by the conventions of Prometheus. `UPDATE_DOCS=1` writes the dashboard anew. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MetricObject, Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { dashboard } from '../../../deploy/monitoring/dashboard.ts'
import { metricsText } from '../../../sidecar/health/metrics.ts'
import { brokerMetrics } from '../../../src/broker/metrics.ts'
import { exportMetrics } from '../../../src/export/metrics.ts'
import { webhookMetrics } from '../../../webhook/metrics.ts'
import { ROOT } from '../../suite.ts'
import { alerts, metricsIn, panelQueries, panels } from './monitoring-files.ts'

/** Measured, and on no panel. */
const ON_NO_PANEL: Readonly<Record<string, string>> = {
  kerbside_credential_age_seconds: 'the dashboard has what is left of each; this tells a renewal that never happened',
  kerbside_keytab_kvno: 'compared by hand with the KDC when a key was changed',
}

type Measured = { readonly name: string; readonly type: string; readonly help: string }

const TYPES = ['counter', 'gauge', 'histogram', 'summary']
const inRegistry = (registry: Registry): readonly Measured[] =>
  (registry.getMetricsAsArray() as unknown as MetricObject[]).map(({ name, help, type }) => ({
    name,
    help,
    type: TYPES.find((known) => known === String(type)) ?? TYPES[Number(type)] ?? 'unknown',
  }))

function inSidecar(): readonly Measured[] {
  const nothing = { ageMs: undefined, leftMs: undefined, expiresAt: undefined, lastError: undefined }
  const pending = { state: 'pending', since: 0, ...nothing } as const
  const credentials = { ticket: pending, delegationToken: pending, kvno: 1, kdcs: [], clockOffsetMs: 0, failures: [] }
  const policy = { state: 'ready', isShadow: false, silentMs: 0, maxStaleMs: 1, lastError: undefined } as const
  const standing = { policy, credentials, gateway: undefined }
  const room = { oldestAgeMs: 0, bytes: 0, maxBytes: 1, refused: new Map(), problem: undefined }
  const delivery = { acknowledged: 0, written: 0, ...room }
  const text = metricsText({ standing, counters: undefined, delivery })
  return [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \1 (.*)$/gm)].map(([, name = '', help = '', type = '']) => ({
    name,
    help,
    type,
  }))
}

const PROGRAMS: Readonly<Record<string, readonly Measured[]>> = {
  webhook: inRegistry(webhookMetrics().registry),
  broker: inRegistry(brokerMetrics(() => 0).registry),
  sidecar: inSidecar(),
  export: inRegistry(exportMetrics(new Map(), () => 0).registry),
}
const measured = Object.values(PROGRAMS).flat()
const names = new Set(measured.map(({ name }) => name))

describe('metrics', () => {
  test.each(Object.keys(PROGRAMS))('of the %s are there', (program) => {
    expect(PROGRAMS[program]?.length).toBeGreaterThan(6)
  })

  test.each(measured)('$name is named by the conventions, and says what it is', ({ name, type, help }) => {
    expect(name).toMatch(/^kerbside_[a-z]+(_[a-z]+)*$/)
    expect(name.endsWith('_total'), type).toBe(type === 'counter')
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|hours|days|kb|mb|percent|bucket|sum|count|info)(_|$)/)
    // A point in time says so; without the word it is a duration.
    expect(/seconds since the epoch/.test(help)).toBe(name.endsWith('_timestamp_seconds'))
    if (type === 'histogram') expect(name).toMatch(/_seconds$/)
    expect(help.length).toBeGreaterThan(10)
  })

  test('that two programs have mean the same in both', () => {
    for (const { name, help, type } of measured) {
      const others = Object.values(PROGRAMS).flatMap((all) => all.filter((other) => other.name === name))
      for (const other of others) expect(other.type, `${name}: ${help}`).toBe(type)
    }
  })

  test('are each on the dashboard, or there is a reason', () => {
    const shown = new Set(panelQueries().flatMap(({ expr }) => metricsIn(expr)))
    expect([...names].filter((name) => !shown.has(name)).sort()).toEqual(Object.keys(ON_NO_PANEL).sort())
  })
})

describe('the dashboard', () => {
  test('is what its panels say', () => {
    const file = join(ROOT, 'deploy/monitoring/dashboard.json')
    const text = `${JSON.stringify(dashboard(), undefined, 2)}\n`
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, text)
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  test('asks for nothing that no program measures, and neither do the alerts', () => {
    const asked = [...panelQueries(), ...alerts()].flatMap(({ expr }) => metricsIn(expr))
    expect(asked.filter((name) => !names.has(name))).toEqual([])
    expect(asked.length).toBeGreaterThan(names.size)
  })

  test('has numbered panels that do not lie on each other', () => {
    const all = panels() as unknown as { id: number; gridPos: { x: number; y: number; w: number; h: number } }[]
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
  })
})
