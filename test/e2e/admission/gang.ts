/** Pods that many writers create at once, and what became of them: what a gang-scheduled training does to an API server. */
import type { JsonObject } from '../../../src/core/identity/json.ts'
import { objectAt, objectsAt, textAt } from '../../../src/core/identity/json.ts'
import { asTenant, podNamed, pods } from './tenant.ts'

export type Outcome = {
  readonly created: number
  /** Answers that were no 201, each once, with its message. */
  readonly errors: readonly string[]
  /** Names of pods that were created without the sidecar. */
  readonly bare: readonly string[]
  /** How many authorities the sidecars trust, each number once. */
  readonly authorities: readonly number[]
}

export const LOSSLESS = { errors: [], bare: [] }

/** Pods are created, each as a dry run, until the work is done. @param log of the webhooks, should the work fail */
export async function meanwhile(name: string, log: () => string, work: () => Promise<void>): Promise<Outcome> {
  let isDone = false
  const creating = createPods({ writers: 4, name, isDryRun: true }, () => !isDone)
  const failure = await work().then(
    () => undefined,
    (error: Error) => error,
  )
  isDone = true
  const outcome = await creating
  if (failure !== undefined) throw new Error(`${failure.message}; so far ${JSON.stringify(outcome)}\n${log()}`)
  return outcome
}

/** Creates pods while `more` says so, each writer one after another; with a dry run the API server stores none of them. */
export async function createPods(
  { writers, name, isDryRun }: { readonly writers: number; readonly name: string; readonly isDryRun: boolean },
  more: () => boolean,
): Promise<Outcome> {
  let created = 0
  const errors = new Set<string>()
  const bare: string[] = []
  const authorities = new Set<number>()
  let next = 0
  const write = async (): Promise<void> => {
    while (more()) {
      const own = `${name}-${next++}`
      const { status, object } = await asTenant('POST', `${pods()}${isDryRun ? '?dryRun=All' : ''}`, podNamed(own))
      if (status !== 201) {
        errors.add(`${status} ${String(object['message'])}`)
        continue
      }
      created += 1
      const sidecar = sidecarIn(object)
      if (sidecar === undefined) bare.push(own)
      else authorities.add(authoritiesOf(sidecar))
    }
  }
  await Promise.all(Array.from({ length: writers }, write))
  return { created, errors: [...errors], bare, authorities: [...authorities].sort() }
}

export const sidecarIn = (pod: JsonObject): JsonObject | undefined =>
  objectsAt(objectAt(pod, 'spec'), 'initContainers').find((each) => each['name'] === 'kerbside')

function authoritiesOf(sidecar: JsonObject): number {
  const variable = objectsAt(sidecar, 'env').find((each) => each['name'] === 'KERBSIDE_CA')
  return (textAt(variable ?? {}, 'value') ?? '').split('-----BEGIN CERTIFICATE-----').length - 1
}
