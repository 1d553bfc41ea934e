/** Holds our reader of Hadoop's configuration against Hadoop's own class: what we take means the same to both. */
import fc from 'fast-check'
import { KerbsideError } from '../../../src/core/errors.ts'
import { expanded } from '../../../src/core/hadoop/expanded.ts'
import { readConfiguration } from '../../../src/core/hadoop/read-configuration.ts'
import type { HadoopConfigurationPeer, HadoopRead } from '../../peers/hadoop-configuration/peer.ts'
import { configurations } from './documents.ts'

/** What Hadoop takes, or passes over, and we refuse on purpose: a file that says this was not meant as it stands. */
const STRICTER = [
  'text stands outside of any property',
  'an element is neither a property nor a configuration',
  'an element is no field of a property',
  'holds an element',
  'the property has two of',
  'the property has no name, or one that cannot be',
  'a document type is not taken',
  'its root element is not `configuration`',
]

export type Judged = {
  readonly taken: number
  /** Refused by both. */
  readonly refused: number
  /** Refused by us alone, for a reason of the list. */
  readonly stricter: number
  readonly finds: readonly string[]
}

export type Asked = { readonly count: number; readonly seed: number }

type Ours = { readonly properties: ReadonlyMap<string, string | null> } | { readonly refused: string }

/** Puts so many configurations to both. */
export async function judgeHadoop(peer: HadoopConfigurationPeer, { count, seed }: Asked): Promise<Judged> {
  const cases = fc.sample(configurations, { numRuns: count, seed })
  const theirs = await peer.read(cases)
  const judged = { taken: 0, refused: 0, stricter: 0, finds: [] as string[] }
  for (const [at, texts] of cases.entries()) {
    const verdict = compare(ours(texts), theirs[at] ?? { failed: 'it said nothing' })
    if (verdict === 'taken' || verdict === 'refused' || verdict === 'stricter') judged[verdict] += 1
    else judged.finds.push(`${verdict}\n${JSON.stringify(texts)}`)
  }
  return judged
}

function ours(texts: readonly string[]): Ours {
  try {
    const configuration = readConfiguration(texts.map((text, at) => ({ name: `document-${at}.xml`, text })))
    return { properties: new Map([...configuration.keys()].map((name) => [name, meant(configuration, name)])) }
  } catch (thrown) {
    return { refused: messageOf(thrown) }
  }
}

function meant(configuration: ReadonlyMap<string, string>, name: string): string | null {
  try {
    return expanded(configuration, name) ?? 'no value'
  } catch (thrown) {
    messageOf(thrown)
    return null
  }
}

/** @throws whatever is no `bad-configuration` */
function messageOf(thrown: unknown): string {
  if (thrown instanceof KerbsideError && thrown.code === 'bad-configuration') return thrown.message
  throw thrown
}

function compare(our: Ours, their: HadoopRead): string {
  if ('refused' in our) {
    if ('failed' in their) return 'refused'
    if (STRICTER.some((reason) => our.refused.includes(reason))) return 'stricter'
    return `we alone refuse: ${our.refused}`
  }
  if ('failed' in their) return `Hadoop alone refuses: ${their.failed}`
  const names = new Set([...our.properties.keys(), ...Object.keys(their.properties)])
  const other = [...names].find(
    (name) => our.properties.get(name) !== (Object.hasOwn(their.properties, name) ? their.properties[name] : undefined),
  )
  if (other === undefined) return 'taken'
  return `\`${other}\` is ${JSON.stringify(our.properties.get(other))} to us, and ${JSON.stringify(their.properties[other])} to Hadoop`
}
