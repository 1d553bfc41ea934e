/** A policy directory: read whole into a bundle or refused whole, and watched, with the last good bundle kept. */
import { createHash } from 'node:crypto'
import { toKerbsideError } from '../../core/errors.ts'
import type { Bundle } from '../../core/policy/bundle.ts'
import { buildingBundle } from '../../core/policy/language/build-bundle.ts'
import { formatProblem, type Problem, type Source } from '../../core/policy/language/problem.ts'
import type { PolicyDocument } from '../../core/policy/language/read-document.ts'
import { inPieces } from '../in-pieces.ts'
import { watchFolders } from '../watch-folders.ts'
import { LARGEST_TOTAL_BYTES, type PolicyFile, readPolicyFiles, TOO_LARGE_A_DIRECTORY } from './files.ts'
import { unreadable } from './text.ts'
import { readYamlInPieces } from './yaml-in-pieces.ts'

/** With the documents of a good bundle, for who looks at what a bundle does not keep: where each field stands. */
export type GoodDirectory = {
  readonly bundle: Bundle
  readonly files: readonly PolicyFile[]
  documents(): readonly PolicyDocument[]
}
export type DirectoryResult = GoodDirectory | { readonly problems: readonly Problem[] }

type Reading = {
  /** As `buildingBundle` takes it. */
  readonly isHashed?: boolean
  /** Another directory that was read: a file of the same name and content is not read again. */
  readonly like?: GoodDirectory | undefined
}

/** The bundle of a directory, or everything that is wrong with it in file order. A directory without a document is wrong. */
export async function readPolicyDirectory(directory: string, reading: Reading = {}): Promise<DirectoryResult> {
  return toBundle(directory, await readPolicyFiles(directory), reading)
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The same of files that were read already, wherever they come from; `directory` names them in a problem of the whole. */
export async function toBundle(
  directory: string,
  files: readonly PolicyFile[],
  { isHashed = false, like }: Reading = {},
): Promise<DirectoryResult> {
  const total = files.reduce((sum, file) => sum + ('bytes' in file ? file.bytes.length : 0), 0)
  const isCutShort = files.some((file) => 'problem' in file && file.problem === TOO_LARGE_A_DIRECTORY)
  if (isCutShort || total > LARGEST_TOTAL_BYTES) {
    return { problems: [{ file: directory, line: 1, column: 1, message: TOO_LARGE_A_DIRECTORY }] }
  }
  const knownOf = sourcesOf(like)
  const sources: Source[] = []
  for (const file of files) {
    const read =
      'bytes' in file
        ? (knownOf(file.name, file.bytes) ?? (await readYamlInPieces(file.name, file.bytes)))
        : [unreadable(file.name, file.problem)]
    for (const source of read) sources.push(source)
  }
  if (sources.length === 0) {
    const message = 'holds no policy document: no `*.yaml` or `*.yml` with one in it'
    return { problems: [{ file: directory, line: 1, column: 1, message }] }
  }
  const built = like === undefined ? {} : { like: { bundle: like.bundle, documents: like.documents() } }
  const result = await inPieces(buildingBundle(sources, { sha256, isHashed, ...built }))
  if ('problems' in result) return result
  return { bundle: result.bundle, files, documents: () => result.documents }
}

/** What each file of a directory was read as, given the same bytes. In a good one every document has its source. */
function sourcesOf(
  directory: GoodDirectory | undefined,
): (name: string, bytes: Buffer) => readonly Source[] | undefined {
  if (directory === undefined) return () => undefined
  const bytesOf = new Map(directory.files.map((file) => [file.name, 'bytes' in file ? file.bytes : undefined]))
  const sources = Map.groupBy(
    directory.documents().map(({ source }) => source),
    ({ file }) => file,
  )
  return (name, bytes) => (bytesOf.get(name)?.equals(bytes) === true ? sources.get(name) : undefined)
}

/** Events of one save come together. */
const SETTLE_MS = 100
/** Network file systems and swapped links send no events. */
const POLL_MS = 2000

/** `unreadable` says why the directory as a whole could not be read. */
export type PolicyReading = DirectoryResult | { readonly unreadable: string }

/**
 * Reads the directory now and at each change of its content, once that has stayed the same for a moment. `onBundle` gets each good bundle; `onProblems` gets lines
 * to print, once for each broken content, and the bundle given before stays in force. Returns what ends the watching.
 */
export function watchPolicyDirectory(
  directory: string,
  onBundle: (bundle: Bundle) => void,
  onProblems: (lines: readonly string[]) => void,
): () => void {
  return watchReadings(directory, (reading) => {
    if ('bundle' in reading) onBundle(reading.bundle)
    else onProblems('problems' in reading ? reading.problems.map(formatProblem) : [reading.unreadable])
  })
}

/** As {@link watchPolicyDirectory}, for who wants to know where each problem is. */
export function watchReadings(directory: string, onReading: (reading: PolicyReading) => void): () => void {
  let seen = ''
  let candidate = ''
  let timer: NodeJS.Timeout | undefined
  let ended = false
  let reading = false
  let again = false

  async function look(): Promise<void> {
    if (reading) {
      again = true
      return
    }
    reading = true
    try {
      await watcher.refresh()
      const files = await readPolicyFiles(directory)
      const now = digestOf(files)
      if (ended || now === seen) return
      // A file that is still being written may be a policy already, one without the denies at its end.
      if (seen !== '' && now !== candidate) {
        candidate = now
        again = true
        return
      }
      seen = now
      // A program that runs on with the policy tells its hash everywhere.
      const result = await toBundle(directory, files, { isHashed: true })
      if (ended) return
      onReading(result)
    } catch (error) {
      const { message } = toKerbsideError(error)
      if (!ended && seen !== message) onReading({ unreadable: message })
      seen = message
    } finally {
      reading = false
      lookIn(again ? SETTLE_MS : POLL_MS)
      again = false
    }
  }

  function lookIn(waitMs: number): void {
    clearTimeout(timer)
    if (!ended) timer = setTimeout(look, waitMs)
  }

  const watcher = watchFolders(directory, () => lookIn(SETTLE_MS))
  void look()
  return () => {
    ended = true
    clearTimeout(timer)
    watcher.close()
  }
}

function digestOf(files: readonly PolicyFile[]): string {
  const hash = createHash('sha256')
  for (const file of files) {
    hash.update(JSON.stringify([file.name, 'bytes' in file ? file.bytes.length : file.problem]))
    if ('bytes' in file) hash.update(file.bytes)
  }
  return hash.digest('hex')
}
