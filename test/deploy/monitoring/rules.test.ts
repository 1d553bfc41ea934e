/** The alerts, by Prometheus' own tools: each fires when it must, keeps silent in the nearest world beside it, and has its runbook. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { debianPackages } from '../../lab/debian.ts'
import { labFolder } from '../../lab/folder.ts'
import { progressTo } from '../../lab/progress.ts'
import { ROOT } from '../../suite.ts'
import { ALERT_CASES, LOOKED_AT, USUALLY_AT, type World } from './alert-cases.ts'
import { alertGroups, alerts } from './monitoring-files.ts'

const RULES = 'rules.json'
const names = alerts().map(({ alert }) => alert)

let folder: string
beforeAll(async () => {
  await debianPackages(
    labFolder('rules'),
    progressTo(() => {}),
    { promtool: 'prometheus' },
  )
  folder = mkdtempSync(join(tmpdir(), 'kerbside-rules-'))
  writeFileSync(join(folder, RULES), JSON.stringify(alertGroups()))
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** What it says, whatever its exit code. */
function promtool(...words: readonly string[]): { readonly isGood: boolean; readonly says: string } {
  try {
    return { isGood: true, says: execFileSync('promtool', words, { cwd: folder, encoding: 'utf8', stdio: 'pipe' }) }
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return { isGood: false, says: `${stdout}${stderr}` }
  }
}

/** A test of promtool: how often the alert fires in that world. */
const caseFor = (alert: string, world: World, firing: 0 | 1) => ({
  name: `${alert} ${firing === 1 ? 'fires' : 'is silent'}`,
  interval: '1m',
  input_series: Object.entries(world).map(([series, values]) => ({ series, values })),
  ...expecting(firing, alert),
})

function expecting(firing: 0 | 1, alert: string) {
  const expr = `count(count by (alertname) (ALERTS{alertname="${alert}",alertstate="firing"})) or vector(0)`
  const exp_samples = [{ labels: '{}', value: firing }]
  return { promql_expr_test: [{ expr, eval_time: LOOKED_AT.get(alert) ?? USUALLY_AT, exp_samples }] }
}

function tested(tests: readonly object[]) {
  writeFileSync(join(folder, 'test.json'), JSON.stringify({ rule_files: [RULES], evaluation_interval: '1m', tests }))
  return promtool('test', 'rules', 'test.json')
}

describe('the alerts', () => {
  test('are rules that Prometheus takes', () => {
    expect(promtool('check', 'rules', RULES)).toMatchObject({ isGood: true })
  })

  test('have a case each', () => {
    expect(new Set(ALERT_CASES.keys())).toEqual(new Set(names))
  })

  test('fire when they must, and not in the nearest world beside it', { timeout: 600_000 }, () => {
    const cases = [...ALERT_CASES].flatMap(([alert, { fires, silent }]) => [
      caseFor(alert, fires, 1),
      caseFor(alert, silent, 0),
    ])
    const { isGood, says } = tested(cases)
    expect(isGood, says).toBe(true)
    // That one which does not fire would be told.
    expect(tested(cases.slice(1, 2).map((silent) => ({ ...silent, ...expecting(1, names[0] ?? '') }))).isGood).toBe(
      false,
    )
  })

  test('have a section each in the runbook, to which they point, and it has no other', () => {
    const headings = [...readFileSync(join(ROOT, 'deploy/RUNBOOK.md'), 'utf8').matchAll(/^## (.+)$/gm)]
    expect(headings.map(([, heading]) => heading)).toEqual(names)
    for (const { alert, annotations } of alerts()) {
      expect(annotations.runbook).toBe(`deploy/RUNBOOK.md#${alert.toLowerCase()}`)
      expect(annotations.summary).not.toBe('')
    }
  })

  test('say whether somebody is woken', () => {
    for (const { alert, labels } of alerts()) expect(['critical', 'warning'], alert).toContain(labels.severity)
  })
})
