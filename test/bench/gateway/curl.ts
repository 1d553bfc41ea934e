/** The client of all ways: curl, since it costs least itself, keeps its connections, and knows how long each request took. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Way } from './ways.ts'

export type Load = {
  readonly way: Way
  /** Each with its query, as `/data/x?op=OPEN`. */
  readonly paths: readonly string[]
  /** Requests at once, within one process; one after the other unless told. */
  readonly parallel?: number
  /** A file to send instead of reading. */
  readonly upload?: string
}

/** Of one request with its redirects. */
export type Timed = { readonly seconds: number; readonly bytes: number }

const MARK = 'timed'
const WRITTEN = `${MARK} %{http_code} %{time_total} %{size_download} %{size_upload}\\n`

/** @throws Error when any request does not end in 200 or 201 */
export async function curl(authority: string, { way, paths, parallel, upload }: Load): Promise<readonly Timed[]> {
  const options = ['silent', 'show-error', 'location', `cacert = "${authority}"`, `write-out = "${WRITTEN}"`]
  const each = paths.flatMap((path) => [
    `url = "${way.url(path)}"`,
    'output = "/dev/null"',
    ...(upload === undefined ? [] : [`upload-file = "${upload}"`]),
  ])
  const headers = way.headers.map((header) => `header = "${header}"`)
  const atOnce = parallel === undefined ? [] : ['parallel', 'parallel-immediate', `parallel-max = ${parallel}`]
  const child = spawn('curl', ['--config', '-'], { stdio: ['pipe', 'pipe', 'pipe'] })
  const said = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  child.stdin.end([...options, ...headers, ...atOnce, ...each].join('\n'))
  const [written, complaint] = await said
  const lines = written.split('\n').filter((line) => line.startsWith(MARK))
  const timed = lines.map((line) => {
    const [, status = '', seconds, down, up] = line.split(' ')
    if (!/^20[01]$/.test(status)) throw new Error(`${way.name} answers ${status} to ${paths[0]}; ${complaint}`)
    return { seconds: Number(seconds), bytes: Number(upload === undefined ? down : up) }
  })
  if (timed.length !== paths.length)
    throw new Error(`${way.name}: ${timed.length} of ${paths.length} ended; ${complaint}`)
  return timed
}
