/** Waits until a client has taken what was written to it. Also ends when it is gone. */
import type { ServerResponse } from 'node:http'

/** More may be written. */
export const drained = (response: ServerResponse): Promise<void> =>
  response.writableNeedDrain ? hearing(response, 'drain') : Promise.resolve()

/** Ends an answer, and says whether all of it was taken. */
export async function ended(response: ServerResponse, last = ''): Promise<boolean> {
  response.end(last)
  if (!response.writableFinished) await hearing(response, 'finish')
  return response.writableFinished
}

function hearing(response: ServerResponse, event: 'drain' | 'finish'): Promise<void> {
  return new Promise((resolve) => {
    const heard = () => {
      response.off(event, heard).off('close', heard)
      resolve()
    }
    if (response.destroyed) return resolve()
    response.once(event, heard).once('close', heard)
  })
}
