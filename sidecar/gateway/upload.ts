/** Moves the body of an upload to a DataNode, and finds out what became of the file when the body stops short. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Limits } from './limits.ts'
import { type Failure, failureOf } from './upstream-failure.ts'

export type Uploaded = {
  readonly answer: IncomingMessage | Failure
  /** Bytes taken from the client. */
  readonly bytesWritten: number
  /** Whether the body was stopped before its end, by the client's going away or by us. */
  readonly cut: boolean
}

/**
 * A DataNode closes a file when its connection breaks, as if that were its end. So a body that stops short is ended
 * properly instead: then the DataNode says whether the file is ours, and it can be removed without doubt.
 *
 * @param stop aborts when policy no longer allows the upload
 */
export function upload(
  body: IncomingMessage,
  sent: ClientRequest,
  stop: AbortSignal,
  limits: Limits,
): Promise<Uploaded> {
  return new Promise((resolve) => {
    let bytesWritten = 0
    let cut = false
    let timer: NodeJS.Timeout | undefined
    let isSettled = false

    const settle = (answer: IncomingMessage | Failure) => {
      isSettled = true
      clearTimeout(timer)
      stop.removeEventListener('abort', stopShort)
      body.unpipe(sent)
      resolve({ answer, bytesWritten, cut })
    }
    const endAndWait = (ms: number) => {
      if (isSettled) return
      sent.end()
      timer = setTimeout(() => sent.destroy(new Error(`no verdict in ${ms} ms`)), ms)
    }
    const stopShort = () => {
      if (cut || body.readableEnded) return
      cut = true
      body.unpipe(sent)
      endAndWait(limits.verdictMs)
    }

    sent.once('response', settle)
    sent.on('error', (error) => settle(failureOf(error, true)))
    body.on('data', (chunk: Buffer) => {
      bytesWritten += chunk.length
    })
    body.once('end', () => endAndWait(limits.answerMs))
    body.once('close', stopShort)
    stop.addEventListener('abort', stopShort)
    if (stop.aborted || body.destroyed) stopShort()
    else body.pipe(sent, { end: false })
  })
}
