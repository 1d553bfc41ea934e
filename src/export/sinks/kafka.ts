/**
 * A topic of Kafka: each record is a message, its chain the key, so that a chain stays in its order in one partition. The producer is
 * idempotent; after a crash of ours the last batch comes again, so whoever counts, counts by chain and number, which are in each line.
 */
import { ProduceAcks, Producer, stringSerializers } from '@platformatic/kafka'
import { headOf } from '../../core/audit/glimpse.ts'
import { KerbsideError } from '../../core/errors.ts'
import { piecesOf } from '../pieces.ts'
import { readSecretText } from '../secret-text.ts'
import type { Sink } from './sink.ts'

export type KafkaOptions = {
  readonly name: string
  /** `kafka.example:9093` */
  readonly brokers: readonly string[]
  readonly topic: string
  /** CA of the brokers, and a certificate and key of our own, all in PEM; without it nothing is encrypted. */
  readonly tls?:
    | { readonly caFile: string; readonly certFile?: string | undefined; readonly keyFile?: string | undefined }
    | undefined
  readonly sasl?:
    | {
        readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
        readonly username: string
        readonly passwordFile: string
      }
    | undefined
}

/** Below the megabyte that brokers take in one request, unless they were told otherwise. */
const PIECE_UNITS = 1 << 19
const ANSWER_MS = 30_000

type Client = Producer<string, string, string, string>

export function kafkaSink(options: KafkaOptions): Sink {
  const { brokers, topic } = options
  let client: Client | undefined

  /** One that failed is not used again: the next has a number of its own at the brokers, and nothing left over. */
  async function drop(): Promise<void> {
    const dropped = client
    client = undefined
    // Nobody waits for it: a request may be under way to a broker that is gone.
    void dropped?.close(true).catch(() => {})
  }

  return {
    batchBytes: 4 << 20,
    everyMs: 1000,
    async resume() {},
    async write({ records }) {
      try {
        client ??= await connect(options)
        for (const piece of piecesOf(records, PIECE_UNITS)) {
          const messages = piece.map(({ line }) => ({ topic, key: headOf(line)?.sidecar ?? '', value: line }))
          await inTime(client.send({ messages, acks: ProduceAcks.ALL, compression: 'gzip' }))
        }
      } catch (cause) {
        await drop()
        if (cause instanceof KerbsideError) throw cause
        throw new KerbsideError('export-failed', `Kafka at \`${brokers.join(',')}\` takes nothing: ${wordsOf(cause)}`, {
          cause,
        })
      }
    },
    close: drop,
  }
}

async function connect({ name, brokers, tls, sasl }: KafkaOptions): Promise<Client> {
  return new Producer({
    clientId: `kerbside-${name}`,
    bootstrapBrokers: [...brokers],
    serializers: stringSerializers,
    idempotent: true,
    autocreateTopics: false,
    retries: 2,
    connectTimeout: 10_000,
    requestTimeout: ANSWER_MS / 2,
    ...(tls === undefined ? {} : { tls: await tlsOf(tls), tlsServerName: true }),
    ...(sasl === undefined
      ? {}
      : {
          sasl: {
            mechanism: sasl.mechanism,
            username: sasl.username,
            password: await readSecretText(sasl.passwordFile),
          },
        }),
  })
}

async function tlsOf({ caFile, certFile, keyFile }: NonNullable<KafkaOptions['tls']>) {
  return {
    ca: await readSecretText(caFile),
    ...(certFile === undefined ? {} : { cert: await readSecretText(certFile) }),
    ...(keyFile === undefined ? {} : { key: await readSecretText(keyFile) }),
    minVersion: 'TLSv1.2' as const,
  }
}

/** The client bounds each request; this bounds all that a send makes of them, whatever it waits for. */
async function inTime<T>(sending: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error(), { code: 'ETIMEDOUT' })), ANSWER_MS)
  })
  try {
    return await Promise.race([sending, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Codes of the client and of the protocol only: a message of an error may quote what was sent. */
function wordsOf(thrown: unknown): string {
  const words = new Set<string>()
  const visit = (error: unknown, depth: number) => {
    if (typeof error !== 'object' || error === null || depth > 5) return
    const { code, apiId, cause, errors } = error as Record<string, unknown>
    for (const word of [code, apiId])
      if (typeof word === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(word)) words.add(word)
    visit(cause, depth + 1)
    if (Array.isArray(errors)) for (const one of errors) visit(one, depth + 1)
  }
  visit(thrown, 0)
  return words.size === 0 ? 'it does not say why' : [...words].join(', ')
}
