/** What values.schema.json refuses, and that each of its rules is needed for some of it; what Helm says then, test/e2e/install shows. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { BY_CHECKS, BY_SCHEMA } from '../e2e/install/refused-values.ts'

const CHART = join(import.meta.dirname, '../../deploy/chart')
const text = (file: string) => readFileSync(join(CHART, file), 'utf8')

type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value }
type Path = readonly (string | number)[]

const schema = JSON.parse(text('values.schema.json')) as Value
const defaults = parse(text('values.yaml')) as Value

const isObject = (value: Value): value is { readonly [key: string]: Value } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every place in it, outer ones first. */
function* placesIn(value: Value, at: Path = []): Generator<readonly [Path, Value]> {
  yield [at, value]
  const inner = Array.isArray(value) ? value.entries() : isObject(value) ? Object.entries(value) : []
  for (const [key, each] of inner) yield* placesIn(each, [...at, key])
}

/** With another value at that place, or without it. */
function changed(value: Value, [key, ...further]: Path, to?: Value): Value {
  if (key === undefined) return to as Value
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, Value>
  if (further.length > 0) copy[key] = changed(copy[key] ?? {}, further, to)
  else if (to === undefined) delete copy[key]
  else copy[key] = to
  return copy as Value
}

/** As Helm does with what is given: objects into objects, and the rest in place of what was there. */
function merged(one: Value, other: Value): Value {
  if (!isObject(one) || !isObject(other)) return other
  const both = Object.entries(other).map(([key, value]) => [key, merged(one[key] ?? null, value)] as const)
  return { ...one, ...Object.fromEntries(both) }
}

type Rules = Parameters<typeof z.fromJSONSchema>[0]
function asked(rules: Value): (values: Value) => boolean {
  const read = z.fromJSONSchema(rules as Rules)
  return (values) => read.safeParse(values).success
}
const takes = asked(schema)

const kindOf = (value: Value) => (Array.isArray(value) ? 'list' : typeof value)
/** One of every kind that the value is not; a quantity may be a number. */
const others = (name: string, value: Value): readonly Value[] =>
  ['text', 7, true, ['text'], { key: 'text' }].filter((each) => {
    const isQuantity = /\.(requests|limits)\./.test(name) && typeof each === 'number'
    return kindOf(each) !== kindOf(value) && !isQuantity
  })

const RULES = new Set(
  'type pattern minimum maximum minItems minLength minProperties required enum const propertyNames'.split(' '),
)
const ANY = { any: 'text' }
/** With something wherever values.yaml has nothing. */
const full = merged(defaults, {
  imagePullSecrets: [{ name: 'registry' }],
  policies: { files: { 'grants.yaml': 'text' } },
  tls: { issuer: { name: 'ours', kind: 'ClusterIssuer', group: 'cert-manager.io' } },
  webhook: { args: ['--drain-seconds=5'] },
  broker: { mayRead: [{ namespace: 'hdfs', names: ['quant-research'] }] },
  review: {
    login: {
      issuer: 'https://login.example.org',
      clientId: 'kerbside',
      url: 'https://audit.example.org',
      authoritiesFile: '/etc/ca.pem',
      scopes: ['openid'],
      claim: 'groups',
      reviewers: ['data-owners'],
      auditors: ['revision'],
      teamLeads: { quant: ['quant-leads'] },
      sessionMinutes: 60,
    },
  },
  export: { sinks: [{ name: 'out', to: 'stdout' }], secrets: ['kafka'] },
  networkPolicies: { brokerEgress: [ANY], exportEgress: [ANY], metricsFrom: [ANY] },
  nodeSelector: { pool: 'system' },
  tolerations: [ANY],
  global: ANY,
})

/** Objects whose keys somebody else decides. */
const OPEN =
  /^(policies\.files|injection\.file|broker\.secrets|audit\.volume|review\.(journal|login\.teamLeads)|export\.(state|lake|sinks\.0)|networkPolicies\..*\.0|nodeSelector|tolerations\.0|global)$/

const refusedFull: readonly (readonly [string, Value])[] = [...placesIn(full)].flatMap(([at, value]) => {
  const name = at.join('.')
  if (at.at(-1) === 'any') return []
  const wrong = others(name, value).map(
    (other) => [`a ${kindOf(other)} as ${name || 'values'}`, changed(full, at, other)] as const,
  )
  if (!isObject(value)) return wrong
  const unknown = [`an unknown value in ${name}`, changed(full, [...at, 'unknown'], 'text')] as const
  // One of a list is nothing with a part of it; but a toleration of everything is one.
  const parts = typeof at.at(-1) === 'number' && at[0] !== 'tolerations' ? Object.keys(value) : []
  const missing = parts.map((key) => [`${name} without its ${key}`, changed(full, [...at, key])] as const)
  return [...wrong, ...missing, ...(OPEN.test(name) ? [] : [unknown])]
})
const refused = [
  ...refusedFull,
  ...BY_SCHEMA.map(([what, values]) => [what, merged(defaults, values as Value)] as const),
]

test.each([
  ['by itself', defaults],
  ['with more', full],
] as const)('it takes what values.yaml has, %s', (_, values) => {
  expect(takes(values)).toBe(true)
})

test.each(refused)('%s is refused', (_, values) => {
  expect(takes(values)).toBe(false)
})

test('no rule of it can be left out unseen', () => {
  const rules = [...placesIn(schema)].filter(([at, value]) => {
    const key = String(at.at(-1))
    // A value may be called as a rule is.
    if (at.at(-2) === 'properties') return false
    return RULES.has(key) || (key === 'additionalProperties' && value === false)
  })
  expect(rules.length).toBeGreaterThan(100)
  const isUnseen = (at: Path) => {
    const without = asked(changed(schema, at))
    return !refused.some(([, values]) => without(values))
  }
  expect(rules.filter(([at]) => isUnseen(at)).map(([at]) => at.join('/'))).toEqual([])
})

test('each sentence of 90-checks.yaml is said of some values', () => {
  const sentences = [...text('templates/90-checks.yaml').matchAll(/{{- fail \(?(?:printf )?"((?:[^"\\]|\\.)*)"/g)]
  expect(sentences.length).toBeGreaterThan(15)
  for (const [, sentence = ''] of sentences) {
    const said = ['a', 'export.state'].map((name) => sentence.replace('%s', name))
    expect(
      BY_CHECKS.some(([, , wanted]) => said.some((each) => wanted.test(each))),
      sentence,
    ).toBe(true)
  }
})
