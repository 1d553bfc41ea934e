/**
 * A program that lives for one question to all NameNodes, by SPNEGO: who is active, and where a path leads. Native code, which may
 * hang or crash, is loaded here and not in doctor itself. What a redirect says of a delegation token stays here.
 */
import { type ErrorCode, toKerbsideError } from '../../core/errors.ts'
import { checkRedirect } from '../../core/hdfs/redirect.ts'
import { canonicalize, encodePath } from '../../core/hdfs/target.ts'
import { answerOneShot } from '../../io/answer-one-shot.ts'
import type { HttpsAnswer } from '../../io/https-request.ts'
import { spnegoRequest } from '../../io/kerberos/spnego.ts'

export type AskTask = {
  readonly nameNodes: readonly string[]
  readonly caPem: string
  readonly principal: string
  readonly dataNodeHosts: readonly string[]
  /** Percent-encoded HDFS path to be opened. */
  readonly path?: string
}

/** Of a NameNode that proved itself: what it answered to a look at `/`, and where {@link AskTask.path} leads. */
export type Asked = { readonly origin: string; readonly ms: number } & (
  | { readonly status: number; readonly exception?: string; readonly redirect?: Redirect }
  | { readonly failed: { readonly code: ErrorCode; readonly message: string; readonly hint?: string } }
)

export type Redirect = { readonly dataNode: string } | { readonly problem: string }

const ask = async (task: AskTask): Promise<readonly Asked[]> =>
  Promise.all(task.nameNodes.map((origin) => askOne(origin, task)))

async function askOne(origin: string, task: AskTask): Promise<Asked> {
  const start = performance.now()
  try {
    const answer = await request(new URL('/webhdfs/v1/?op=GETFILESTATUS', origin), task)
    const ms = performance.now() - start
    const exception = exceptionIn(answer)
    const redirect =
      answer.status === 200 && task.path !== undefined ? await follow(origin, task.path, task) : undefined
    return {
      ...{ origin, ms, status: answer.status },
      ...(exception === undefined ? {} : { exception }),
      ...(redirect === undefined ? {} : { redirect }),
    }
  } catch (thrown) {
    const { code, message, hint } = toKerbsideError(thrown)
    const failed = { code, message, ...(hint === undefined ? {} : { hint }) }
    return { origin, ms: performance.now() - start, failed }
  }
}

const request = (url: URL, { caPem, principal }: AskTask): Promise<HttpsAnswer> =>
  spnegoRequest({ url, method: 'GET', ca: caPem, principal })

async function follow(origin: string, path: string, task: AskTask): Promise<Redirect> {
  const target = canonicalize(path)
  if ('refuse' in target) return { problem: `the path is not one of HDFS (${target.refuse})` }
  const url = new URL(`/webhdfs/v1${encodePath(target)}?op=OPEN&length=1`, origin)
  const answer = await request(url, task)
  const location = answer.headers['location']
  if (answer.status !== 307 || typeof location !== 'string') {
    return { problem: `the NameNode names no DataNode for it (${exceptionIn(answer) ?? `HTTP ${answer.status}`})` }
  }
  const protocol = url.protocol === 'http:' ? 'http:' : 'https:'
  const checked = checkRedirect(location, { target, hosts: task.dataNodeHosts, protocol })
  if ('problem' in checked) return { problem: `the redirect of the NameNode is not followed: ${checked.problem}` }
  return { dataNode: `${checked.protocol}//${checked.host}:${checked.port}` }
}

/** `StandbyException`; nothing when it is no answer of WebHDFS, or a good one. */
function exceptionIn({ body }: HttpsAnswer): string | undefined {
  try {
    const name = (JSON.parse(body.toString('utf8')) as { RemoteException?: { exception?: unknown } } | null)
      ?.RemoteException?.exception
    return typeof name === 'string' ? name.replace(/[^\w.$]/g, '').slice(0, 80) : undefined
  } catch {
    return undefined
  }
}

await answerOneShot(ask)
