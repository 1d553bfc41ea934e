/** A policy directory after its cuts: the patch that makes them, and proof that what it leaves is whole. */
import { createHash } from 'node:crypto'
import { KerbsideError } from '../../core/errors.ts'
import type { Bundle } from '../../core/policy/bundle.ts'
import { buildBundle } from '../../core/policy/language/build-bundle.ts'
import { formatProblem, type Source } from '../../core/policy/language/problem.ts'
import type { Cut } from '../../core/policy/unused/cuts.ts'
import { edited, unifiedDiff } from '../../core/policy/unused/unified-diff.ts'
import { cutsOf } from './cuts.ts'
import { readPolicyFiles } from './files.ts'
import { readYaml } from './yaml.ts'

export type Patched = {
  /** Unified diff, its names relative to the directory: for `patch -p1 -d DIRECTORY`. Empty when nothing is cut. */
  readonly patch: string
  readonly bundle: Bundle
}

/**
 * @param cuts by name of the file, made for the directory as it is
 * @throws KerbsideError `bad-policy` when a file was changed meanwhile, so that what is left would not be a policy
 */
export async function patchPolicy(directory: string, cuts: ReadonlyMap<string, readonly Cut[]>): Promise<Patched> {
  const sources: Source[] = []
  const patches: string[] = []
  for (const file of await readPolicyFiles(directory)) {
    const bytes = 'bytes' in file ? file.bytes : Buffer.alloc(0)
    const ofFile = cuts.get(file.name)
    if (ofFile === undefined) {
      sources.push(...readYaml(file.name, bytes))
      continue
    }
    const text = bytes.toString('utf8')
    const edits = cutsOf(text, ofFile)
    patches.push(unifiedDiff(file.name, text, edits))
    sources.push(...readYaml(file.name, Buffer.from(edited(text, edits))))
  }
  const result = buildBundle(sources, (text) => createHash('sha256').update(text).digest('hex'))
  if ('bundle' in result) return { patch: patches.join(''), bundle: result.bundle }
  const lines = result.problems.map(formatProblem).join('\n')
  throw new KerbsideError('bad-policy', `what the patch leaves of \`${directory}\` would not be valid\n${lines}`)
}
