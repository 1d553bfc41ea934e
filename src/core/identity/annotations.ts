/** What a pod may say about its sidecar: few annotations, each a row here, each read strictly. None of them gives it a right. */
import { nearest } from '../nearest.ts'
import { type Denial, denial } from './admission.ts'
import { othersIn, type Pod } from './pod.ts'

const PREFIX = 'kerbside.io/'
const CLIENTS = ['all', 'files', 'none'] as const
const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const

export type Choices = {
  /** Names of the containers that get clients; all of them if absent. */
  readonly containers?: readonly string[]
  /** What those get. */
  readonly clients?: (typeof CLIENTS)[number]
  readonly logLevel?: (typeof LOG_LEVELS)[number]
}

type Row = {
  readonly form: string
  readonly does: string
  readonly ifAbsent: string
  /** What it says, or what to change. */
  read(value: string, pod: Pod): Choices | { readonly change: string }
}

const oneOf = (values: readonly string[]) => values.map((value) => `\`${value}\``).join(', ')

export const ANNOTATIONS = {
  'kerbside.io/containers': {
    form: 'names of containers of the pod, with a comma between two',
    does: 'only these get the way to the gateway',
    ifAbsent: 'all containers, init containers among them',
    read: (value, pod) => {
      const names = value.split(',')
      const present = othersIn(pod).map(({ name }) => name)
      const isRight = names.every((name) => present.includes(name)) && new Set(names).size === names.length
      return isRight ? { containers: names } : { change: `name containers of the pod once each: ${oneOf(present)}` }
    },
  },
  'kerbside.io/clients': {
    form: oneOf(CLIENTS),
    does: 'what those get: variables and the folder of Hadoop configuration, that folder alone, or nothing',
    ifAbsent: '`all`',
    read: (value) => {
      const clients = CLIENTS.find((known) => known === value)
      return clients === undefined ? { change: `set it to one of ${oneOf(CLIENTS)}` } : { clients }
    },
  },
  'kerbside.io/log-level': {
    form: oneOf(LOG_LEVELS),
    does: 'how much the sidecar writes into its log',
    ifAbsent: 'as its identity says, or else the operator',
    read: (value) => {
      const logLevel = LOG_LEVELS.find((known) => known === value)
      return logLevel === undefined ? { change: `set it to one of ${oneOf(LOG_LEVELS)}` } : { logLevel }
    },
  },
} as const satisfies Readonly<Record<`kerbside.io/${string}`, Row>>

const ROWS = new Map<string, Row>(Object.entries(ANNOTATIONS))

/** What the pod chose, as far as that can be read; and for each that cannot, or that nobody knows, what to change. */
export function readAnnotations(pod: Pod): { readonly choices: Choices; readonly denials: readonly Denial[] } {
  const ours = [...pod.annotations].filter(([key]) => key.startsWith(PREFIX))
  const read = ours.map(([key, value]) => ({ key, outcome: ROWS.get(key)?.read(value, pod) ?? unknown(key) }))
  const choices = read.flatMap(({ outcome }) => ('change' in outcome ? [] : [outcome]))
  return {
    choices: Object.assign({}, ...choices) as Choices,
    denials: read.flatMap(({ key, outcome }) =>
      'change' in outcome ? [denial('bad-annotation', { where: `annotation \`${key}\``, change: outcome.change })] : [],
    ),
  }
}

function unknown(key: string): { readonly change: string } {
  const meant = nearest(key, ROWS.keys())
  return {
    change: meant === undefined ? `remove it; there are ${oneOf([...ROWS.keys()])}` : `did you mean \`${meant}\`?`,
  }
}
