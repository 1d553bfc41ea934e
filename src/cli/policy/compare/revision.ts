/** The policy files of a git revision, read from its objects: nothing is checked out, and no file of it is run or followed. */
import { spawn } from 'node:child_process'
import { KerbsideError } from '../../../core/errors.ts'
import { LARGEST_FILE_BYTES, LARGEST_TOTAL_BYTES, type PolicyFile } from '../../../io/policy/files.ts'

export type Revision = {
  /** `main`, `v1.2`, `HEAD~3`, a hash. */
  readonly name: string
  /** Folder in the repository, relative to where git is asked. */
  readonly path: string
  /** Folder in whose repository git is asked; the working directory if absent. */
  readonly directory?: string
}

/** 40 or 64 hex digits. */
export type Commit = string

/** @throws KerbsideError `bad-policy` when there is no such revision, or no such folder in it, or it is too large */
export async function readRevision({ name, path, directory = '.' }: Revision): Promise<readonly PolicyFile[]> {
  const commit = await commitOf(name, directory)
  if (commit === undefined) {
    throw new KerbsideError('bad-policy', `no revision of this git repository is called \`${name}\``)
  }
  // Said relative to the working directory, as a person means it.
  const tree = await resolve(`${commit}:./${path}`, directory)
  if (tree === undefined) {
    const hint = 'say which with `--path`, or as `git:REVISION:FOLDER`'
    throw new KerbsideError('bad-policy', `revision \`${name}\` has no folder \`${path}\``, { hint })
  }
  const listed = await git(['ls-tree', '-r', '-l', '-z', '--full-tree', tree], directory)
  if (listed.code !== 0) throw new KerbsideError('bad-policy', `\`${path}\` is not a folder in revision \`${name}\``)
  return contentOf(toEntries(listed.out.toString('utf8')), { what: `${name}:${path}`, directory })
}

/** Undefined when there is none of that name, or it could be taken for something else than a name. */
export const commitOf = async (name: string, directory = '.'): Promise<Commit | undefined> =>
  /^[^-\s:^~][^\s:\0]*$/.test(name) ? resolve(`${name}^{commit}`, directory) : undefined

async function resolve(name: string, directory: string): Promise<string | undefined> {
  const { code, out } = await git(['rev-parse', '--verify', '--quiet', '--end-of-options', name], directory)
  const hash = out.toString('utf8').trim()
  return code === 0 && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hash) ? hash : undefined
}

type Entry = { readonly name: string; readonly mode: string; readonly hash: string; readonly bytes: number }

/** `100644 blob HASH SIZE<tab>NAME<nul>`; names that begin with a dot are passed over, as in a folder. */
function toEntries(listed: string): readonly Entry[] {
  return listed.split('\0').flatMap((line) => {
    const [, mode = '', hash = '', size = '', name = ''] = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line) ?? []
    const isHidden = name.split('/').some((part) => part.startsWith('.'))
    return /\.ya?ml$/i.test(name) && !isHidden ? [{ name, mode, hash, bytes: Number(size) }] : []
  })
}

type Where = { readonly what: string; readonly directory: string }

async function contentOf(entries: readonly Entry[], { what, directory }: Where): Promise<readonly PolicyFile[]> {
  const wanted = entries.filter((entry) => problemOf(entry) === undefined)
  if (wanted.reduce((sum, { bytes }) => sum + bytes, 0) > LARGEST_TOTAL_BYTES) {
    const most = `${LARGEST_TOTAL_BYTES / 1024 / 1024} MiB`
    throw new KerbsideError('bad-policy', `\`${what}\` holds more than ${most} of policy`)
  }
  const { code, out } = await git(['cat-file', '--batch'], directory, `${wanted.map(({ hash }) => hash).join('\n')}\n`)
  const contents = new Map<string, Buffer>()
  let at = 0
  for (const { name, hash, bytes } of wanted) {
    const begin = at + `${hash} blob ${bytes}\n`.length
    if (code !== 0 || out.toString('latin1', at, begin) !== `${hash} blob ${bytes}\n`) {
      throw new KerbsideError('io-failed', `git does not give the content of \`${what}/${name}\``)
    }
    contents.set(name, out.subarray(begin, begin + bytes))
    at = begin + bytes + 1
  }
  return entries
    .map((entry): PolicyFile => {
      const bytes = contents.get(entry.name)
      return { name: entry.name, ...(bytes === undefined ? { problem: problemOf(entry) ?? 'is missing' } : { bytes }) }
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

function problemOf({ mode, bytes }: Entry): string | undefined {
  if (!mode.startsWith('100')) return 'is a link, and none is followed in a revision'
  if (bytes <= LARGEST_FILE_BYTES) return undefined
  return `is larger than ${LARGEST_FILE_BYTES / 1024} KiB: spread its documents over several files`
}

type Ran = { readonly code: number; readonly out: Buffer }

/** @throws KerbsideError `io-failed` when there is no git, `bad-policy` when this is no repository */
function git(args: readonly string[], directory: string, input = ''): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: directory, stdio: ['pipe', 'pipe', 'pipe'] })
    const [out, err]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    // Whoever has ended does not read on: its exit code says why.
    child.stdin.on('error', () => {})
    child.on('error', (cause) => {
      reject(new KerbsideError('io-failed', `git cannot be started: ${cause.message}`, { cause }))
    })
    child.on('close', (code) => {
      const said = Buffer.concat(err).toString('utf8')
      if (/not a git repository|dubious ownership/.test(said)) {
        reject(new KerbsideError('bad-policy', `git: ${said.split('\n')[0]?.replace(/^fatal: /, '') ?? ''}`))
      } else resolve({ code: code ?? -1, out: Buffer.concat(out) })
    })
    child.stdin.end(input)
  })
}
