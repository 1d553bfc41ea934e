/** Documents that a schema let pass, as the values that decisions are made from. */
import { type HdfsPath, parsePath } from '../../hdfs/path.ts'
import type { Identity, Workload } from '../../identity/identity.ts'
import { parseInstant } from '../../instant.ts'
import { parseQuantity } from '../../quantity.ts'
import { type Action, type ActionWord, PRESETS, spellOut } from '../action.ts'
import type { Cluster, Dataset, Grant, PolicyCase } from '../bundle.ts'
import type { Limits } from '../decision/limits.ts'
import type { PodCondition } from '../decision/pod-condition.ts'
import { matches, toSelector } from '../decision/selector.ts'
import { DAYS, MINUTES_A_DAY, type Window } from '../decision/window.ts'
import type { Delegation } from '../delegation.ts'
import type { DocumentOf } from './documents.ts'
import type { Of } from './link.ts'
import { lineOf } from './problem.ts'
import type { PolicyDocument } from './read-document.ts'

const at = ({ source }: PolicyDocument): string => lineOf(source.place([]))

export function toCluster(document: Of<'HadoopCluster'>): Cluster {
  const { limits, insecureHttp, decodesOnce, configuration, realms, ...reach } = document.spec
  return {
    name: document.metadata.name,
    ...reach,
    ...defined({ insecureHttp, decodesOnce, configuration, realms: realms?.map(defined), limits: toLimits(limits) }),
    at: at(document),
  }
}

export function toIdentity(document: Of<'Identity'>): Identity {
  const { allowedFor, token, sidecar, maxStaleSeconds, secretsThrough, ...spec } = document.spec
  return {
    name: document.metadata.name,
    ...spec,
    allowedFor: allowedFor.map(toWorkload),
    ...defined({
      tokenSeconds: token?.expirationSeconds,
      maxStaleSeconds,
      secretsThrough,
      sidecar: toSidecar(sidecar),
    }),
    at: at(document),
  }
}

const toWorkload = ({
  namespaceSelector,
  ...rest
}: DocumentOf<'Identity'>['spec']['allowedFor'][number]): Workload => ({
  ...defined(rest),
  serviceAccounts: rest.serviceAccounts,
  ...(namespaceSelector === undefined ? {} : { namespaceSelector: toSelector(namespaceSelector) }),
})

function toSidecar(given: DocumentOf<'Identity'>['spec']['sidecar']): Identity['sidecar'] {
  if (given === undefined) return undefined
  const texts = (amounts: Readonly<Record<string, unknown>> = {}) =>
    Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, String(amount)]))
  const { logLevel, resources } = given
  return defined({
    logLevel,
    resources:
      resources === undefined ? undefined : { requests: texts(resources.requests), limits: texts(resources.limits) },
  })
}

export function toDataset(document: Of<'Dataset'>): Dataset {
  const { cluster, prefixes, owner, labels = {}, protect = true, limits } = document.spec
  const dataset = {
    name: document.metadata.name,
    cluster,
    prefixes: prefixes.map(checkedPath),
    owner,
    labels: new Map(Object.entries(labels)),
    protect: protect !== false,
    protectedPaths: typeof protect === 'boolean' ? NONE : protect,
    at: at(document),
  }
  return limits === undefined ? dataset : { ...dataset, ...defined({ limits: toLimits(limits) }) }
}

const NONE: readonly never[] = []

/** What grants of one bundle have in common, found once: there may be tens of thousands. */
export type GrantMaking = { readonly choose: Choose; readonly spell: Spell }

export function toGrant(document: Of<'Grant'>, { choose, spell }: GrantMaking): Grant {
  const { spec } = document
  const { effect, mode = 'enforce', teams = NONE, identities = NONE, paths = NONE, actions } = spec
  const grant = {
    name: document.metadata.name,
    effect,
    mode,
    teams,
    identities,
    datasets: choose(spec),
    paths: paths.length === 0 ? NONE : outermost(paths),
    actions: spell(effect, actions),
    at: at(document),
  }
  const { starts, expires, when, reason, ticket } = spec
  const isPlain = starts === undefined && expires === undefined && when === undefined
  if (isPlain && reason === undefined && ticket === undefined) return grant
  const more = {
    startsAt: instantOf(starts),
    expiresAt: instantOf(expires),
    during: toWindow(when?.during),
    pods: toPods(when),
    reason,
    ticket,
  }
  return Object.assign(grant, defined(more))
}

export type Spell = (effect: Grant['effect'], words: readonly ActionWord[]) => readonly Action[]

/** Spells out what the words of grants stand for. Many grants have the same. */
export function spelling(): Spell {
  const known = new Map<string, readonly Action[]>()
  return (effect, words) => {
    const key = `${effect} ${words.join()}`
    const before = known.get(key)
    if (before !== undefined) return before
    const actions = spellOut(effect, words)
    known.set(key, actions)
    return actions
  }
}

export function toDelegation(document: Of<'Delegation'>, datasets: readonly Dataset[]): Delegation {
  const { team, cluster, kinds = ['Grant', 'PolicyTest'], prefixes = [], labels = {}, teams, actions } = document.spec
  const here = datasets.filter((dataset) => dataset.cluster === cluster)
  const words: readonly ActionWord[] = actions ?? PRESETS.manage
  return {
    name: document.metadata.name,
    team,
    cluster,
    kinds,
    datasets: choosing(here)(document.spec),
    prefixes: prefixes.map(checkedPath),
    labels: new Map(Object.entries(labels)),
    ...defined({ teams }),
    actions: spellOut('allow', words),
    at: at(document),
  }
}

/** Without those that lie below another one, which says as much. */
const outermost = (paths: readonly string[]): readonly string[] =>
  [...new Set(paths)].filter((path) => !paths.some((other) => path.startsWith(`${other}/`)))

type Choosing = Pick<DocumentOf<'Grant'>['spec'], 'datasets' | 'datasetSelector'>

export type Choose = (given: Choosing) => readonly string[]

/** Chooses datasets by name, and by what their labels are today. Many grants have the same selector. */
export function choosing(datasets: readonly Dataset[]): Choose {
  const known = new Map<string, readonly string[]>()
  let carrying: ReadonlyMap<string, readonly Dataset[]> | undefined
  const selected = (written: NonNullable<Choosing['datasetSelector']>): readonly string[] => {
    const selector = toSelector(written)
    const key = JSON.stringify(selector)
    const before = known.get(key)
    if (before !== undefined) return before
    // Of labels that are all wanted, one leads to fewer datasets than there are.
    const wanted = selector.find(({ operator, values }) => operator === 'In' && values.length === 1)
    carrying ??= byLabel(datasets)
    const near = wanted === undefined ? datasets : (carrying.get(`${wanted.key}=${wanted.values[0]}`) ?? NONE)
    const names = near.filter(({ labels }) => matches(selector, labels)).map(({ name }) => name)
    known.set(key, names)
    return names
  }
  return ({ datasets: names = [], datasetSelector }) =>
    datasetSelector === undefined ? names : [...new Set([...names, ...selected(datasetSelector)])]
}

/** By each label that they carry; neither a key nor a value has a `=` in it. */
function byLabel(datasets: readonly Dataset[]): ReadonlyMap<string, readonly Dataset[]> {
  const found = new Map<string, Dataset[]>()
  for (const dataset of datasets) {
    for (const [key, value] of dataset.labels) {
      const label = `${key}=${value}`
      const known = found.get(label)
      if (known === undefined) found.set(label, [dataset])
      else known.push(dataset)
    }
  }
  return found
}

function toPods(when: DocumentOf<'Grant'>['spec']['when']): PodCondition | undefined {
  if (when?.namespaces === undefined && when?.podSelector === undefined) return undefined
  const { namespaces, podSelector } = when
  return defined({ namespaces, selector: podSelector === undefined ? undefined : toSelector(podSelector) })
}

function toWindow(during: NonNullable<DocumentOf<'Grant'>['spec']['when']>['during']): Window | undefined {
  if (during === undefined) return undefined
  const { days = DAYS, from = '00:00', to = '24:00', zone } = during
  return {
    days: DAYS.filter((day) => days.includes(day)),
    fromMinute: minuteOf(from),
    toMinute: minuteOf(to),
    zone,
  }
}

const minuteOf = (time: string): number =>
  Math.min(MINUTES_A_DAY, Number(time.slice(0, 2)) * 60 + Number(time.slice(3)))

function toLimits(limits: DocumentOf<'Dataset'>['spec']['limits']): Limits | undefined {
  if (limits === undefined) return undefined
  const { largestFile, largestReplication, largestBlock } = limits
  const bytes = (given: string | number | undefined) => (given === undefined ? undefined : parseQuantity(String(given)))
  return defined({ fileBytes: bytes(largestFile), replication: largestReplication, blockBytes: bytes(largestBlock) })
}

export const toCases = ({ spec, source }: Of<'PolicyTest'>): readonly PolicyCase[] =>
  spec.cases.map(({ destination, parameters = {}, time, namespace, podLabels, reason, ...rest }, index) => ({
    ...rest,
    parameters: new Map(Object.entries(parameters)),
    ...defined({
      destination,
      time: instantOf(time),
      namespace,
      podLabels: podLabels === undefined ? undefined : new Map(Object.entries(podLabels)),
      reason,
    }),
    at: lineOf(source.place(['spec', 'cases', index])),
  }))

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** Without the fields that are undefined. */
function defined<T extends object>(fields: T): Defined<T> {
  const found: Record<string, unknown> = {}
  for (const name in fields) if (fields[name] !== undefined) found[name] = fields[name]
  return found as Defined<T>
}

/** The schema has checked it: anything else is a fault of ours, and stops the bundle. */
function checkedPath(text: string): HdfsPath {
  const parsed = parsePath(text)
  if ('problem' in parsed) throw new Error(`the schema let ${text} pass`)
  return parsed.path
}

function instantOf(text: string | undefined): number | undefined {
  const instant = text === undefined ? undefined : parseInstant(text)
  if (text !== undefined && instant === undefined) throw new Error(`the schema let ${text} pass`)
  return instant
}
