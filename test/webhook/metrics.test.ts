/** The table of metrics in the webhook's page is what `/metrics` has, and each has its unit. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { webhookMetrics } from '../../webhook/metrics.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../webhook/README.md'), 'utf8')
const rows = [...PAGE.matchAll(/^\| `(kerbside_\w+)` *\| ([^|]+) \| ([^|]+) \|$/gm)].map(
  ([, name = '', unit = '', says = '']) => ({
    name,
    unit: unit.trim(),
    says: says.trim(),
  }),
)

test('every metric is in the table with its own sentence, and nothing else is', async () => {
  const metrics = await webhookMetrics().registry.getMetricsAsJSON()
  const told = metrics
    .map(({ name, help }) => ({ name, says: help }))
    .sort((one, other) => one.name.localeCompare(other.name))
  expect(
    rows.map(({ name, says }) => ({ name, says })).sort((one, other) => one.name.localeCompare(other.name)),
  ).toEqual(told)
})

test('what is measured in seconds says so in its name, and what only grows too', () => {
  for (const { name, unit } of rows) {
    expect(unit, name).not.toBe('')
    expect(name.endsWith('_seconds'), name).toBe(unit.startsWith('seconds'))
    expect(name.endsWith('_total'), name).toBe(['pods', 'requests', 'decisions', 'changes'].includes(unit))
  }
})
