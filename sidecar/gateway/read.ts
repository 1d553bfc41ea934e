/** OPEN, step two: the bytes of a file from DataNodes to the client. When one dies, another goes on where it stopped. */
import { setTimeout as wait } from 'node:timers/promises'
import { KerbsideError } from '../../src/core/errors.ts'
import type { Hdfs } from './hdfs.ts'
import { type Outcome, toldOnly } from './outcome.ts'
import { pour } from './pour.ts'
import { fileAt, type Standing } from './removal.ts'
import { lengthOf, openAt, type Reading, type Source } from './source.ts'
import { drained, ended } from './taken.ts'

/** @throws KerbsideError before the first byte was told */
export async function read(hdfs: Hdfs, reading: Reading): Promise<Outcome> {
  const { client } = reading
  const source = await openAt(hdfs, reading, [])
  return 'response' in source ? stream(hdfs, reading, source) : toldOnly(client.tell(source.told))
}

/** Once the length is told, an end that comes too soon must show: the connection is cut, so that no client takes it for the whole. */
async function stream(hdfs: Hdfs, reading: Reading, first: Source): Promise<Outcome> {
  const { client, stop } = reading
  const length = lengthOf(first.response)
  const { limits } = hdfs
  // Asked while the first bytes move: a file that another one replaces must not be gone on with.
  const file = length > limits.resumableBytes ? fileAt(hdfs, reading.request.target).catch(() => undefined) : undefined
  client.response.writeHead(200, {
    'content-type': 'application/octet-stream',
    ...(Number.isFinite(length) ? { 'content-length': String(length) } : {}),
  })
  let bytesRead = 0
  let resumed = 0
  let avoided: readonly string[] = []
  const counted = (bytes: number) => {
    bytesRead += bytes
  }
  const end = (cut: boolean): Outcome => ({
    ...{ status: 200, bytesRead, bytesWritten: 0, cut },
    ...(resumed > 0 ? { resumed } : {}),
  })
  for (let source: Source | undefined = first; source !== undefined; resumed++) {
    const before = bytesRead
    if (await pour(source.response, client.response, { stop, stalledMs: limits.stalledMs, counted })) {
      return end(!(await ended(client.response)))
    }
    if (client.isGone || stop.aborted || resumed === limits.resumptions) break
    // One that broke before may be back by the time that the next one breaks.
    avoided = bytesRead > before ? source.addresses : [...avoided, ...source.addresses]
    source = await lookOn(hdfs, reading, { passed: bytesRead, length, avoided, file: await file })
    if (source === undefined) break
  }
  client.response.destroy()
  return end(true)
}

type Rest = {
  readonly passed: number
  readonly length: number
  readonly avoided: readonly string[]
  /** What stood there when the read began. */
  readonly file: Standing | undefined
}

/** Every replica may be gone for a moment, as when DataNodes are restarted one after the other. */
async function lookOn(hdfs: Hdfs, reading: Reading, rest: Rest): Promise<Source | undefined> {
  const { limits } = hdfs
  const until = performance.now() + limits.failoverMs
  let { avoided } = rest
  for (let pauseMs = limits.firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, limits.longestPauseMs)) {
    const source = await goOn(hdfs, reading, { ...rest, avoided }).catch(() => 'later' as const)
    if (source !== 'later') return source
    if (reading.stop.aborted || reading.client.isGone || performance.now() > until) return undefined
    await wait(pauseMs)
    avoided = []
  }
}

/**
 * The rest of a read from another DataNode, or nothing: where it is not to the byte what is missing, or no longer the same
 * file. A file that is written anew is another inode; one that was truncated is shorter, or was.
 * @throws KerbsideError when no DataNode has it now
 */
async function goOn(
  hdfs: Hdfs,
  reading: Reading,
  { passed, length, avoided, file }: Rest,
): Promise<Source | undefined> {
  const { request, client, stop } = reading
  if (!Number.isFinite(length) || (passed > 0 && file === undefined)) return undefined
  // A client that takes its time between two batches has no use for another DataNode yet.
  await drained(client.response)
  const from = BigInt(request.parameters.get('offset') ?? 0) + BigInt(passed)
  const range = [['offset', String(from)] as const, ['length', String(length - passed)] as const]
  const rest = { ...request, parameters: new Map([...request.parameters, ...range]) }
  // It may itself be waiting for the one that hangs: it is given no more time than that one was.
  const limits = { ...hdfs.limits, answerMs: Math.min(hdfs.limits.answerMs, hdfs.limits.stalledMs) }
  const source = await openAt({ ...hdfs, limits }, { request: rest, client, stop }, avoided)
  if (!('response' in source)) throw new KerbsideError('datanode-unreachable', 'no DataNode has the rest')
  const now = passed === 0 ? file : await fileAt(hdfs, request.target).catch(() => undefined)
  const isSame = now?.inode === file?.inode && (now?.bytes ?? 0) >= (file?.bytes ?? 0)
  if (isSame && lengthOf(source.response) === length - passed && !stop.aborted && !client.isGone) return source
  source.response.destroy()
  return undefined
}
