/** Requests written raw to one connection, several at once where each is whole, and all that came back. */
import { connect, type Socket } from 'node:net'
import { Answers } from './answers.ts'
import { withHost } from './corpus.ts'
import type { Shot } from './grammar/shot.ts'

export type Volley = {
  readonly shots: readonly Shot[]
  readonly received: Buffer
  readonly statuses: readonly number[]
}

/** For a request that nobody may answer: it may be the first half of one. */
const PATIENCE_MS = 150
/** For what may follow an answer. */
const QUIET_MS = 5
/** A whole request is answered, or the gateway is stuck: it gives HDFS 60 s. */
const STUCK_MS = 90_000

export class Gun {
  readonly #port: number
  #socket: Socket | undefined

  constructor(port: number) {
    this.#port = port
  }

  /** @throws when a whole request has no answer: the gateway neither answers nor closes */
  async fire(shots: readonly Shot[]): Promise<Volley> {
    const isWhole = shots.every((shot) => shot.isWhole)
    this.#socket ??= connect(this.#port, '127.0.0.1')
      .setNoDelay(true)
      .on('error', () => {})
    const socket = this.#socket
    const answers = new Answers((index) => shots[index]?.text.startsWith('HEAD ') === true)
    const text = withHost(shots.map((shot) => shot.text).join(''), `127.0.0.1:${this.#port}`)
    const ended = await new Promise<'answered' | 'closed' | 'late'>((resolve) => {
      let timer = setTimeout(() => settle('late'), isWhole ? STUCK_MS : PATIENCE_MS)
      const settle = (how: 'answered' | 'closed' | 'late') => {
        clearTimeout(timer)
        socket.removeAllListeners('data').removeAllListeners('close')
        resolve(how)
      }
      const onData = (chunk: Buffer) => {
        answers.take(chunk)
        if (isWhole && answers.count >= shots.length) return settle('answered')
        if (isWhole || answers.count === 0) return
        clearTimeout(timer)
        timer = setTimeout(() => settle('late'), QUIET_MS)
      }
      socket.on('data', onData)
      socket.once('close', () => settle('closed'))
      socket.write(text, 'latin1')
    })
    if (!isWhole || ended !== 'answered') this.close()
    if (isWhole && ended === 'late') throw new Error(`no answer in ${STUCK_MS / 1000} s to\n${text}`)
    return { shots, received: answers.bytes, statuses: answers.statuses }
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }
}
