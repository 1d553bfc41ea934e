/** `kerbside policy check --fix`: what can go without widening anything is cut out of the files, or shown as a diff. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { KerbsideError } from '../../../core/errors.ts'
import { runTests } from '../../../core/policy/answers/run-tests.ts'
import type { Bundle } from '../../../core/policy/bundle.ts'
import { buildBundle, canonicalText } from '../../../core/policy/language/build-bundle.ts'
import { lineOf } from '../../../core/policy/language/problem.ts'
import type { PolicyDocument } from '../../../core/policy/language/read-document.ts'
import { type LintFinding, lint } from '../../../core/policy/lint/lint.ts'
import { type PolicyFile, readPolicyFiles } from '../../../io/policy/files.ts'
import { type Removed, withoutRemovals } from '../../../io/policy/removals.ts'
import { replacePolicyFile } from '../../../io/policy/write.ts'
import { readYaml } from '../../../io/policy/yaml.ts'
import type { Terminal } from '../../terminal.ts'
import { diffOf } from '../../text-diff.ts'
import { counted } from '../policies.ts'

export type Fixing = {
  readonly directory: string
  /** Whether to show only. */
  readonly isDry: boolean
  /** Milliseconds since the epoch. */
  readonly now: number
}

type Fixed = Removed & { readonly file: string; readonly was: Buffer }

/**
 * Prints a diff of each file, then writes it. Nothing of it, when a policy that was valid would not be, or a PolicyTest
 * that passes would fail.
 * @throws KerbsideError `bad-policy` when the directory changes meanwhile
 */
export async function fixPolicy({ directory, isDry, now }: Fixing, terminal: Terminal): Promise<void> {
  const files = await readPolicyFiles(directory)
  const before = stateOf(files)
  if (before === undefined) return
  const removable = lint({ ...before, now }).filter(({ removal }) => removal !== undefined)
  const fixed = files.flatMap((file) => fix(file, removable))
  const changed = fixed.filter(({ was, text }) => was.toString() !== text)
  if (changed.length > 0) prove({ before, files, changed, removable, now })
  for (const { file, was, text } of changed) {
    terminal.out(diffOf(file, was.toString(), text, terminal))
    if (!isDry) await replacePolicyFile(join(directory, file), was, text)
  }
  const left = fixed.reduce((sum, one) => sum + one.left.length, 0)
  const count = removable.length - left
  const what = isDry ? 'would be taken away' : 'taken away'
  terminal.err(`${counted(count, 'thing')} ${what}${left === 0 ? '' : `, ${left} left that a comment stands beside`}`)
}

type State = { readonly bundle: Bundle; readonly documents: readonly PolicyDocument[] }

function stateOf(files: readonly PolicyFile[]): State | undefined {
  const sources = files.flatMap((file) => ('bytes' in file ? readYaml(file.name, file.bytes) : []))
  const result = buildBundle(sources, (text) => createHash('sha256').update(text).digest('hex'))
  return 'bundle' in result ? result : undefined
}

function fix(file: PolicyFile, removable: readonly LintFinding[]): readonly Fixed[] {
  const mine = removable.flatMap(({ removal }) =>
    removal !== undefined && removal.document.source.file === file.name
      ? [{ line: removal.document.source.place([]).line, path: removal.path }]
      : [],
  )
  if (mine.length === 0 || 'problem' in file) return []
  return [{ file: file.name, was: file.bytes, ...withoutRemovals(file.bytes.toString(), mine) }]
}

type Proof = {
  readonly before: State
  readonly files: readonly PolicyFile[]
  readonly changed: readonly Fixed[]
  readonly removable: readonly LintFinding[]
  readonly now: number
}

/** Read again, the new text must be the old policy without just those things. */
function prove({ before, files, changed, removable, now }: Proof): void {
  const texts = new Map(changed.map(({ file, text }) => [file, Buffer.from(text)]))
  const after = stateOf(
    files.map((file) => ({ ...file, bytes: texts.get(file.name) ?? ('bytes' in file ? file.bytes : Buffer.of()) })),
  )
  const refuse = (why: string) =>
    new KerbsideError('bad-policy', `nothing was taken away, since ${why}`, { hint: 'take it away by hand' })
  if (after === undefined) throw refuse('the policy would not be valid without it')

  const left = new Set(
    changed.flatMap(({ file, left: items }) => items.map(({ line, path }) => keyOf(`${file}:${line}`, path))),
  )
  const wanted = before.documents.flatMap((document) => {
    const at = lineOf(document.source.place([]))
    const paths = removable.flatMap(({ removal }) => (removal?.document === document ? [removal.path] : []))
    const gone = paths.filter((path) => !left.has(keyOf(at, path)))
    return gone.some((path) => path.length === 0) ? [] : [without(document, gone)]
  })
  if (canonicalText(wanted) !== canonicalText(after.documents)) throw refuse('something else would change with it')

  const passed = runTests(before.bundle, now).map((outcome) => outcome.passed)
  const broken = runTests(after.bundle, now).find((outcome, index) => passed[index] === true && !outcome.passed)
  if (broken !== undefined) throw refuse(`the test at ${broken.test.at} would fail then`)
}

const keyOf = (at: string, path: readonly PropertyKey[]): string => JSON.stringify([at, ...path])

/** A document without some items of its lists. */
function without(document: PolicyDocument, paths: readonly (readonly PropertyKey[])[]): PolicyDocument {
  const { source, ...fields } = document
  const gone = new Set(paths.map((path) => keyOf('', path)))
  const copy = (value: unknown, path: readonly PropertyKey[]): unknown => {
    if (Array.isArray(value)) {
      return value.flatMap((item, index) =>
        gone.has(keyOf('', [...path, index])) ? [] : [copy(item, [...path, index])],
      )
    }
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner, [...path, key])]))
  }
  return { ...(copy(fields, []) as object), source } as PolicyDocument
}
