/** A policy bundle in words and in JSON, for the commands that make, verify and show one. */
import { printable } from '../../../core/audit/printable.ts'
import { type ErrorCode, KerbsideError } from '../../../core/errors.ts'
import { isSequence } from '../../../core/policy/bundle-file/succession.ts'
import type { Opened } from '../../../io/policy/bundle.ts'
import type { Algorithm } from '../../../io/policy/bundle-keys.ts'
import { table } from '../../terminal.ts'
import { required, summaryOf } from '../policies.ts'

export type Facts = Opened & {
  readonly file: string
  /** Absent when it is not signed. */
  readonly signedBy?: { readonly id: string; readonly algorithm: Algorithm }
  readonly isVerified: boolean
}

export function factsAsTable({ payload, bundle, file, signedBy, isVerified }: Facts): readonly string[] {
  const key = signedBy === undefined ? 'none' : `${signedBy.algorithm}, key ${signedBy.id}`
  return table([
    ['bundle', printable(file)],
    ['signature', signedBy === undefined || isVerified ? key : `${key}, not verified`],
    ['sequence', String(payload.sequence)],
    ...(payload.created === undefined ? [] : [['created', payload.created]]),
    ['hash', bundle.hash],
    ['mode', bundle.mode],
    ['holds', summaryOf(bundle).replace(/, bundle .*$/, '')],
  ])
}

export function factsAsJson({ payload, bundle, file, signedBy, isVerified }: Facts): object {
  return {
    file,
    verified: isVerified,
    ...(signedBy === undefined ? {} : { algorithm: signedBy.algorithm, key: signedBy.id }),
    sequence: payload.sequence,
    ...(payload.created === undefined ? {} : { created: payload.created }),
    hash: bundle.hash,
    mode: bundle.mode,
    clusters: bundle.clusters.size,
    identities: bundle.identities.size,
    datasets: bundle.datasets.size,
    grants: bundle.grants.length,
    delegations: bundle.delegations.length,
    tests: bundle.tests.length,
    files: Object.fromEntries(filesOf(payload)),
  }
}

/** How many documents of each file there are. */
export function filesOf({ documents }: Opened['payload']): ReadonlyMap<string, number> {
  return new Map([...Map.groupBy(documents, ({ file }) => file)].map(([file, group]) => [file, group.length]))
}

/** Does what may refuse a bundle; a refusal says its code and the file, for whoever reads it in the log of a CI job. */
export async function refusing<T>(file: string, look: () => T | Promise<T>): Promise<T> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof KerbsideError) || !NAMED.test(error.code)) throw error
    const { code, message, hint, cause } = error
    const said = `\`${file}\` is refused, ${code satisfies ErrorCode}: ${message}`
    throw new KerbsideError(code, said, { ...(hint === undefined ? {} : { hint }), cause })
  }
}

const NAMED = /^bundle-/

/** @throws KerbsideError `bad-usage` when it is not there, or is no sequence */
export function sequenceOf(options: ReadonlyMap<string, unknown>, name: string): number {
  const text = required(options, name)
  if (/^\d+$/.test(text) && isSequence(Number(text))) return Number(text)
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new KerbsideError('bad-usage', `\`--${flag} ${text}\` is not a whole number from 1`)
}
