/** Moves the body of an upload to a DataNode, and finds out what became of the file when the body stops short. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Limits } from './limits.ts'
import { type Failure, failureOf } from './upstream-failure.ts'

export type Uploaded = {
  readonly answer: IncomingMessage | Failure
  /** Bytes that were passed on. */
  readonly bytesWritten: number
  /** Whether the body was stopped before its end, by the client's going away or by us. */
  readonly cut: boolean
  /** Whether it was cut because there were more bytes than may be: none of those too many was passed on. */
  readonly isTooLarge: boolean
}

export type UploadBounds = {
  /** Aborts when policy no longer allows the upload. */
  readonly stop: AbortSignal
  readonly mostBytes: number
  readonly limits: Limits
}

/**
 * A DataNode closes a file when its connection breaks, as if that were its end. So a body that stops short is ended
 * properly instead: then the DataNode says whether the file is ours, and it can be removed without doubt.
 */
export function upload(
  body: IncomingMessage,
  sent: ClientRequest,
  { stop, mostBytes, limits }: UploadBounds,
): Promise<Uploaded> {
  return new Promise((resolve) => {
    let bytesWritten = 0
    let cut = false
    let isTooLarge = false
    let timer: NodeJS.Timeout | undefined
    let isSettled = false

    const settle = (answer: IncomingMessage | Failure) => {
      isSettled = true
      clearTimeout(timer)
      stop.removeEventListener('abort', stopShort)
      passNoMore()
      resolve({ answer, bytesWritten, cut, isTooLarge })
    }
    // Not a pipe: that passes on the chunk that is one too many, and what was appended stays.
    const pass = (chunk: Buffer) => {
      if (bytesWritten + chunk.length > mostBytes) {
        isTooLarge = true
        return stopShort()
      }
      bytesWritten += chunk.length
      if (sent.write(chunk)) return
      body.pause()
      sent.once('drain', resume)
    }
    const resume = () => body.resume()
    const passNoMore = () => {
      body.off('data', pass)
      sent.off('drain', resume)
      body.pause()
    }
    const endAndWait = (ms: number) => {
      if (isSettled) return
      sent.end()
      timer = setTimeout(() => sent.destroy(new Error(`no verdict in ${ms} ms`)), ms)
    }
    const stopShort = () => {
      if (cut || body.readableEnded) return
      cut = true
      passNoMore()
      endAndWait(limits.verdictMs)
    }

    sent.once('response', settle)
    sent.on('error', (error) => settle(failureOf(error, true)))
    body.once('end', () => endAndWait(limits.answerMs))
    body.once('close', stopShort)
    stop.addEventListener('abort', stopShort)
    if (stop.aborted || body.destroyed) stopShort()
    else body.on('data', pass)
  })
}
