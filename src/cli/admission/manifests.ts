/** Manifests as `kubectl` reads them: files, whole folders or standard input, many documents in each, JSON among them. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import {
  type Document,
  type DocumentOptions,
  LineCounter,
  type ParseOptions,
  parseAllDocuments,
  type SchemaOptions,
  stringify,
  type Tags,
} from 'yaml'
import { KerbsideError } from '../../core/errors.ts'
import type { Json, JsonObject } from '../../core/identity/json.ts'
import type { Path } from '../../core/identity/pod-template.ts'

export type ManifestDocument = {
  readonly file: string
  readonly content: JsonObject
  /** Line of what stands at that place, from 1. */
  lineOf(path: Path): number
  /** As it was written, comments and all. */
  readonly text: string
}

/**
 * `kubectl` reads YAML 1.1, without its times (sigs.k8s.io/yaml): `on` is true and 0644 is 420. To read and write any other YAML
 * would change what a manifest says.
 */
const KUBERNETES: DocumentOptions & SchemaOptions & ParseOptions = {
  version: '1.1',
  customTags: (tags: Tags) => tags.filter((tag) => typeof tag === 'string' || !isTime(tag)),
}
const isTime = (tag: Exclude<Tags[number], string>) => tag.tag.endsWith(':timestamp') || tag.format === 'TIME'

/** What these documents are as text, one after the other. */
export const manifestText = (contents: readonly Json[]): string =>
  contents.map((content) => writtenAs(content)).join('---\n')

export const writtenAs = (content: Json): string =>
  stringify(content, { ...KUBERNETES, lineWidth: 0, aliasDuplicateObjects: false })

/**
 * @param sources files, folders (whatever ends in yaml, yml or json, in the order of names, and below), `-` for standard input
 * @throws KerbsideError `bad-usage` with file and line, and when there is nothing at all
 */
export async function readManifests(sources: readonly string[]): Promise<readonly ManifestDocument[]> {
  const files = (await Promise.all(sources.map(filesIn))).flat()
  const texts = await Promise.all(files.map(async (file) => ({ file, text: await textOf(file) })))
  const found = texts.flatMap(({ file, text }) => documentsIn(file === '-' ? 'standard input' : file, text))
  if (found.length > 0) return found
  // What made it may have failed, and nobody would see that nothing was looked at.
  const where = sources.map((source) => (source === '-' ? 'standard input' : `\`${source}\``)).join(' and ')
  throw new KerbsideError('bad-usage', `there is no object in ${where}`, {
    hint: 'a folder is searched for files that end in yaml, yml or json',
  })
}

async function filesIn(source: string): Promise<readonly string[]> {
  const about = source === '-' ? undefined : await stat(source).catch(() => undefined)
  if (about?.isDirectory() !== true) return [source]
  const names = await readdir(source, { recursive: true })
  return names
    .filter((name) => /\.(ya?ml|json)$/i.test(name))
    .sort()
    .map((name) => join(source, name))
}

async function textOf(file: string): Promise<string> {
  try {
    // Not as the file /dev/stdin: of a socket, which some programs give their children, that one cannot be opened.
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8')
  } catch (cause) {
    throw new KerbsideError('bad-usage', `\`${file}\` cannot be read`, { cause })
  }
}

function documentsIn(file: string, text: string): readonly ManifestDocument[] {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { ...KUBERNETES, lineCounter: lines })
  return (Array.isArray(documents) ? documents : []).flatMap((document) => {
    const [error] = document.errors
    if (error !== undefined) {
      const { line } = lines.linePos(error.pos[0])
      throw new KerbsideError('bad-usage', `${file}:${line}: ${error.message.split('\n')[0]}`)
    }
    const content: unknown = document.toJS()
    if (content === null || content === undefined) return []
    const lineOf = (path: Path) => lines.linePos(startOf(document, path)).line
    if (typeof content !== 'object' || Array.isArray(content)) {
      throw new KerbsideError('bad-usage', `${file}:${lineOf([])}: is no object of Kubernetes`)
    }
    // The `---` between documents is written by whoever puts them together.
    if (document.directives !== undefined) document.directives.docStart = null
    return [{ file, content: content as JsonObject, lineOf, text: document.toString({ lineWidth: 0 }) }]
  })
}

function startOf(document: Document, path: Path): number {
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true)
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  return Array.isArray(range) ? Number(range[0]) : 0
}
