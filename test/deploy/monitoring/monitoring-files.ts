/** What deploy/monitoring holds, read: alerts, panels, and the queries of both. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from '../../suite.ts'

const FOLDER = join(ROOT, 'deploy/monitoring')

export type Alert = {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly runbook: string }
}
type Groups = { readonly groups: readonly { readonly rules: readonly Alert[] }[] }

/** As a file of rules has them, without what the operator of Kubernetes wraps around. */
export const alertGroups = (): Groups =>
  (parse(readFileSync(join(FOLDER, 'alerts.yaml'), 'utf8')) as { spec: Groups }).spec

export const alerts = (): readonly Alert[] => alertGroups().groups.flatMap(({ rules }) => rules)

type Panel = { readonly title: string; readonly type: string; readonly targets?: readonly { readonly expr: string }[] }

export const panels = (): readonly Panel[] =>
  (JSON.parse(readFileSync(join(FOLDER, 'dashboard.json'), 'utf8')) as { panels: Panel[] }).panels

export type Query = { readonly where: string; readonly expr: string }

/** Of every panel, with Grafana's own variables as they are when the dashboard is opened. */
export const panelQueries = (): readonly Query[] =>
  panels().flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      where: title,
      expr: expr.replaceAll('$namespace', '.*').replaceAll('$__rate_interval', '1m'),
    })),
  )

/** Names of metrics in a query; those of a histogram without their endings. */
export const metricsIn = (expr: string): readonly string[] =>
  [...expr.matchAll(/\bkerbside_[a-z0-9_]+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''))

/** Each selector of an expression, with its matchers and no more: `kerbside_policy_stale`, `up{job="a"}`. */
export const selectorsIn = (expr: string): readonly string[] =>
  [...expr.matchAll(/\b(?:kerbside_[a-z0-9_]+|up)(?:\{[^}]*\})?/g)].map(([selector]) => selector)
