/**
 * A folder in HDFS, by WebHDFS at a base URL. There is no Kerberos here: it is our own gateway on 127.0.0.1, in a pod that has an
 * identity of its own and with it just the rights that policy gives it. A file is written under a name that no reader of Parquet
 * looks at, and renamed.
 */
import { openAsBlob } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { KerbsideError } from '../../core/errors.ts'
import type { Place } from './place.ts'

export type WebHdfsPlaceOptions = {
  /** `http://127.0.0.1:9870` */
  readonly url: string
  /** Absolute path of the folder. */
  readonly directory: string
  readonly name: string
  readonly workshop: string
}

type FileStatus = { readonly pathSuffix: string; readonly type: string; readonly length: number }
type Asked = {
  readonly method: 'GET' | 'PUT' | 'DELETE'
  readonly op: string
  readonly with?: Readonly<Record<string, string>>
}

const TIMEOUT_MS = 120_000

export function webHdfsPlace({ url, directory, name, workshop }: WebHdfsPlaceOptions): Place {
  const upload = join(directory, `_${name}`, 'upload')

  async function send(target: string, init: RequestInit, op: string): Promise<Response> {
    try {
      return await fetch(target, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS), ...init })
    } catch (cause) {
      throw new KerbsideError('export-failed', `\`${url}\` does not answer to ${op}`, { cause })
    }
  }

  function ask(path: string, { method, op, with: more = {} }: Asked): Promise<Response> {
    const encoded = path.split('/').map(encodeURIComponent).join('/')
    return send(`${url}/webhdfs/v1${encoded}?${new URLSearchParams({ op, ...more })}`, { method }, op)
  }

  const refused = async (response: Response, op: string): Promise<KerbsideError> =>
    new KerbsideError('export-failed', `\`${url}\` answers ${response.status} to ${op}${await exceptionIn(response)}`)

  /** The boolean of MKDIRS, RENAME and DELETE. */
  async function done(path: string, asked: Asked): Promise<boolean> {
    const response = await ask(path, asked)
    if (response.status !== 200) throw await refused(response, asked.op)
    return ((await response.json()) as { boolean?: unknown }).boolean === true
  }

  async function list(path: string): Promise<readonly FileStatus[]> {
    const response = await ask(path, { method: 'GET', op: 'LISTSTATUS' })
    if (response.status === 404) return []
    if (response.status !== 200) throw await refused(response, 'LISTSTATUS')
    const { FileStatuses: found } = (await response.json()) as { FileStatuses: { FileStatus: readonly FileStatus[] } }
    return found.FileStatus
  }

  /** Where the answer to step one of CREATE or OPEN leads to. */
  async function led(path: string, asked: Asked): Promise<string> {
    const response = await ask(path, asked)
    const to = response.headers.get('location')
    if (response.status !== 307 || to === null) throw await refused(response, asked.op)
    await response.body?.cancel()
    return to
  }

  return {
    shown: `${url}${directory}`,
    workshop,
    folders: async () =>
      (await list(directory)).filter(({ type }) => type === 'DIRECTORY').map(({ pathSuffix }) => pathSuffix),
    files: async (folder) =>
      (await list(join(directory, folder)))
        .filter(({ type }) => type === 'FILE')
        .map(({ pathSuffix, length }) => ({ name: pathSuffix, bytes: length })),
    async publish(local, folder, file) {
      const path = join(directory, folder, file)
      const to = await led(upload, { method: 'PUT', op: 'CREATE', with: { overwrite: 'true', permission: '640' } })
      const created = await send(to, { method: 'PUT', body: await openAsBlob(local) }, 'CREATE')
      if (created.status !== 201) throw await refused(created, 'CREATE')
      await done(join(directory, folder), { method: 'PUT', op: 'MKDIRS', with: { permission: '750' } })
      const rename = { method: 'PUT', op: 'RENAME', with: { destination: path } } as const
      // One that is there was put there by a try that we were not told the end of, or before a crash.
      if (await done(upload, rename)) return
      await done(path, { method: 'DELETE', op: 'DELETE' })
      if (!(await done(upload, rename)))
        throw new KerbsideError('export-failed', `\`${url}\` renames no file in \`${directory}\``)
    },
    async fetch(folder, file) {
      const response = await ask(join(directory, folder, file), { method: 'GET', op: 'OPEN' })
      const answer = response.status === 307 ? await send(response.headers.get('location') ?? '', {}, 'OPEN') : response
      if (answer.status !== 200 || answer.body === null) throw await refused(answer, 'OPEN')
      const local = join(workshop, `${file}.fetched`)
      const handle = await open(local, 'w', 0o640)
      try {
        await handle.writeFile(Readable.fromWeb(answer.body as never))
      } finally {
        await handle.close()
      }
      return local
    },
    async remove(folder, file) {
      await done(join(directory, folder, file), { method: 'DELETE', op: 'DELETE' })
      if ((await list(join(directory, folder))).length > 0) return
      await done(join(directory, folder), { method: 'DELETE', op: 'DELETE' })
    },
  }
}

/** The name of the Java exception in an answer, and none of its text. */
async function exceptionIn(response: Response): Promise<string> {
  const text = (await response.text().catch(() => '')).slice(0, 65_536)
  const [, name] = /"exception"\s*:\s*"(\w{1,80})"/.exec(text) ?? []
  return name === undefined ? '' : `: ${name}`
}
