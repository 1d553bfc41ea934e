/** Names that documents declare, broken documents too, so that one mistake is not told again wherever its name is used. */
import { nearest } from '../../nearest.ts'
import { show } from './complaints.ts'
import type { Kind } from './documents.ts'
import { didYouMean, lineOf, type Problem, type Source } from './problem.ts'
import type { Declared } from './read-document.ts'

const WORDS = {
  HadoopCluster: 'HadoopCluster',
  Identity: 'identity',
  Dataset: 'dataset',
  Grant: 'grant',
  Delegation: 'delegation',
  Policy: 'Policy',
  PolicyTest: 'PolicyTest',
  team: 'team',
} as const satisfies Record<Kind | 'team', string>

/** Thousands of wrong names among ten thousand right ones: the first hundred are told what was perhaps meant. */
const MOST_COMPARISONS = 1_000_000

export class Names {
  /** A name declared twice in one kind, told at the second place. */
  readonly duplicates: readonly Problem[]
  /** Whether a file could not be read, so that what it declares is not known. */
  readonly #hasGaps: boolean
  readonly #declared = new Map<Kind | 'team', Map<string, Source>>()
  /** What was perhaps meant by each wrong name: one may stand in thousands of documents. */
  readonly #meant = new Map<string, string | undefined>()
  #comparisons = 0

  constructor(all: readonly Declared[]) {
    this.#hasGaps = all.some(({ source }) => source.value === undefined)
    const duplicates: Problem[] = []
    for (const { source, kind, name, team, owner } of all) {
      if (typeof team === 'string') this.#declare('team', team, source)
      if (typeof owner === 'string') this.#declare('team', owner, source)
      const before = kind === undefined || typeof name !== 'string' ? undefined : this.#declare(kind, name, source)
      if (kind === undefined || before === undefined) continue
      const message = `${WORDS[kind]} ${show(name)} is defined already, at ${lineOf(before.place([]))}`
      duplicates.push({ ...source.place(['metadata', 'name']), message })
    }
    this.duplicates = duplicates
  }

  /** Whether something declares it, or may: of a file that could not be read nobody knows. */
  has(kind: Kind | 'team', name: string): boolean {
    return this.#hasGaps || this.#declared.get(kind)?.has(name) === true
  }

  /** The problem at the path of a name that nothing declares. */
  missing(source: Source, kind: Kind | 'team', path: readonly PropertyKey[], name: string): Problem {
    const near = didYouMean(this.#nearest(kind, name))
    const message =
      kind === 'team'
        ? `no identity and no dataset is of team ${show(name)}`
        : `no ${WORDS[kind]} is called ${show(name)}`
    return { ...source.place(path), message, ...near }
  }

  #nearest(kind: Kind | 'team', name: string): string | undefined {
    const known = this.#declared.get(kind)
    const key = `${kind} ${name}`
    if (known === undefined || this.#meant.has(key)) return this.#meant.get(key)
    if (this.#comparisons > MOST_COMPARISONS) return undefined
    this.#comparisons += known.size
    const near = nearest(name, known.keys())
    this.#meant.set(key, near)
    return near
  }

  /** The document that declared the name before. */
  #declare(kind: Kind | 'team', name: string, source: Source): Source | undefined {
    const known = this.#declared.get(kind) ?? new Map<string, Source>()
    this.#declared.set(kind, known)
    const before = known.get(name)
    if (before === undefined) known.set(name, source)
    return before
  }
}
