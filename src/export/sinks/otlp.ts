/** OTLP logs over HTTP, in JSON: what collectors and most stores of logs take. One request at a time. */
import { fromLine } from '../../core/audit/line.ts'
import { toExportRequest, toLogRecord } from '../../core/audit/otlp.ts'
import { KerbsideError } from '../../core/errors.ts'
import { httpsRequest } from '../../io/https-request.ts'
import { readSecretText } from '../secret-text.ts'
import type { Sink } from './sink.ts'

export type OtlpOptions = {
  /** `https://collector:4318/v1/logs` */
  readonly url: string
  /** CA that signs its certificate, in PEM; of no use to a collector on this machine. */
  readonly caFile?: string | undefined
  /** Files of the values of headers that log us in: each is read anew for each request. */
  readonly headerFiles: Readonly<Record<string, string>>
  readonly clock: () => number
  /** Records that the collector says it will never take. */
  readonly onRejected: (count: number) => void
}

const TIMEOUT_MS = 30_000

export function otlpSink({ url, caFile, headerFiles, clock, onRejected }: OtlpOptions): Sink {
  async function post(body: string): Promise<string> {
    const own = Object.entries(headerFiles).map(async ([name, file]) => [name, await readSecretText(file)] as const)
    const headers = { ...Object.fromEntries(await Promise.all(own)), 'content-type': 'application/json' }
    const ca = caFile === undefined ? '' : await readSecretText(caFile)
    const answer = await answerTo(url, { headers, ca, body })
    if (answer.status !== 200) throw new KerbsideError('export-failed', `\`${url}\` answers ${answer.status}`)
    return answer.body.toString()
  }

  return {
    batchBytes: 1 << 20,
    everyMs: 1000,
    async resume() {},
    async write({ records }) {
      const logs = records.flatMap(({ line }) => {
        const read = fromLine(line)
        return 'record' in read ? [toLogRecord(read.record, line, clock())] : []
      })
      onRejected(rejectedIn(await post(JSON.stringify(toExportRequest(logs)))))
    },
    async close() {},
  }
}

async function answerTo(url: string, asked: { headers: Record<string, string>; ca: string; body: string }) {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    return await httpsRequest({ url: new URL(url), method: 'POST', mayBePlain: true, signal, ...asked })
  } catch (cause) {
    throw new KerbsideError('export-failed', `\`${url}\` does not answer`, { cause })
  }
}

/** What is rejected so must not be sent again, says the specification: it is counted, and the log has it. */
function rejectedIn(answer: string): number {
  try {
    const { partialSuccess } = JSON.parse(answer) as { partialSuccess?: { rejectedLogRecords?: string | number } }
    const count = Number(partialSuccess?.rejectedLogRecords ?? 0)
    return Number.isSafeInteger(count) && count > 0 ? count : 0
  } catch {
    return 0
  }
}
