/** Moves the bytes that one DataNode sends to the client, and says whether they were all. */
import type { IncomingMessage, ServerResponse } from 'node:http'

export type Pouring = {
  /** Aborts when policy no longer allows the read. */
  readonly stop: AbortSignal
  /** How long a DataNode may send nothing while the client waits for more. */
  readonly stalledMs: number
  readonly counted: (bytes: number) => void
}

/**
 * Never holds more than sockets hold. Not a pipeline: that ends the client's side together with the DataNode's, and another
 * DataNode may have the rest. When it gives back `false` the source is destroyed, and the client's side is as it was.
 */
export function pour(
  source: IncomingMessage,
  response: ServerResponse,
  { stop, stalledMs, counted }: Pouring,
): Promise<boolean> {
  return new Promise((resolve) => {
    const breakOff = () => void source.destroy()
    const look = () => {
      if (response.writableNeedDrain) timer.refresh()
      else breakOff()
    }
    const timer = setTimeout(look, stalledMs)
    const flow = () => {
      timer.refresh()
      source.resume()
    }
    const together = gather(response)
    const settle = (isWhole: boolean) => {
      clearTimeout(timer)
      stop.removeEventListener('abort', breakOff)
      response.off('close', breakOff).off('drain', flow)
      resolve(isWhole)
    }
    source.on('error', () => {})
    source.once('end', () => settle(true)).once('close', () => settle(false))
    stop.addEventListener('abort', breakOff)
    response.once('close', breakOff).on('drain', flow)
    if (stop.aborted || response.destroyed || source.destroyed) {
      breakOff()
      return settle(false)
    }
    source.on('data', (chunk: Buffer) => {
      counted(chunk.length)
      timer.refresh()
      together()
      if (!response.write(chunk)) source.pause()
    })
  })
}

/** A DataNode sends TLS records of 4 KiB. Those that arrive in one turn of the event loop are written in one call. */
function gather(response: ServerResponse): () => void {
  let isGathering = false
  return () => {
    if (isGathering) return
    isGathering = true
    response.cork()
    setImmediate(() => {
      isGathering = false
      response.uncork()
    })
  }
}
