/** WebHDFS as HDFS's administrator speaks it, straight to the active NameNode: for the lab's own errands, inside. */
import { readFileSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import kerberos from 'kerberos'
import { labFiles } from './folder.ts'

const NAMENODE = 'nn1.lab'
const PORT = 9871
const WRITE_TRIES = 5
/** Shorter than a delegation token holds in any lab. */
const TOKEN_USED_MS = 10_000
const DROPPED = ['ECONNRESET', 'EPIPE']

type Answer = { readonly status: number; readonly location: string | undefined; readonly body: Buffer }

/** Speaks by SPNEGO with the ticket that KRB5CCNAME names. */
export class WebHdfs {
  readonly #authority: Buffer
  #delegationToken: { readonly text: string; readonly until: number } | undefined

  constructor(authorityPath: string) {
    this.#authority = readFileSync(authorityPath)
  }

  /** The client of the lab that this process runs in. */
  static here(): WebHdfs {
    return new WebHdfs(labFiles({ path: process.env['KERBSIDE_LAB'] ?? '' }).authority)
  }

  /** Attributes of one Java bean of the NameNode, for instance `Hadoop:service=NameNode,name=FSNamesystemState`. */
  async bean(name: string): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.#send('GET', `https://${NAMENODE}:${PORT}/jmx?qry=${name}`)
    const { beans } = JSON.parse(answer.body.toString()) as { beans: Record<string, unknown>[] }
    return beans[0] ?? {}
  }

  /** One operation that moves no data, for instance `PUT`, `/data`, `{ op: 'MKDIRS' }`. */
  async call(method: string, path: string, query: Readonly<Record<string, string>>): Promise<unknown> {
    const answer = await this.#send(method, await this.#url(path, query))
    return answer.body.length === 0 ? {} : JSON.parse(answer.body.toString())
  }

  /**
   * A DataNode on a busy machine drops connections whose TLS handshake takes it over 10 s, or comes to look at a delegation token
   * that holds for seconds when those are over: the whole write is tried again.
   */
  async write(path: string, content: Buffer, triesLeft = WRITE_TRIES): Promise<void> {
    const step = await this.#send('PUT', await this.#url(path, { op: 'CREATE', overwrite: 'true' }))
    if (step.location === undefined) throw new Error(`no DataNode was named for \`${path}\``)
    try {
      await this.#send('PUT', step.location, content)
    } catch (thrown) {
      if (!isTooBusy(thrown) || triesLeft <= 1) throw thrown
      this.#delegationToken = undefined
      await this.write(path, content, triesLeft - 1)
    }
  }

  async #url(path: string, query: Readonly<Record<string, string>>): Promise<string> {
    const base = `https://${NAMENODE}:${PORT}/webhdfs/v1`
    if (this.#delegationToken === undefined || Date.now() > this.#delegationToken.until) {
      const until = Date.now() + TOKEN_USED_MS
      const { body } = await this.#send('GET', `${base}/?op=GETDELEGATIONTOKEN`)
      const { Token } = JSON.parse(body.toString()) as { Token: { urlString: string } }
      this.#delegationToken = { text: Token.urlString, until }
    }
    return `${base}${path}?${new URLSearchParams({ ...query, delegation: this.#delegationToken.text })}`
  }

  async #send(method: string, url: string, content?: Buffer): Promise<Answer> {
    const headers: Record<string, string> = content === undefined ? {} : { 'content-type': 'application/octet-stream' }
    if (!url.includes('delegation=')) headers['authorization'] = `Negotiate ${await ticketFor(new URL(url).hostname)}`
    const answer = await new Promise<Answer>((resolve, reject) => {
      const sent = httpsRequest(url, { method, headers, ca: this.#authority, agent: false }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response
          resolve({ status, location: headers.location, body: Buffer.concat(chunks) })
        })
      })
      sent.on('error', reject)
      sent.end(content)
    })
    if (answer.status >= 400)
      throw new Error(`${method} ${new URL(url).pathname}: ${answer.status} ${answer.body.toString().trim()}`)
    return answer
  }
}

function isTooBusy(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  return ('code' in thrown && DROPPED.includes(String(thrown.code))) || thrown.message.includes('"InvalidToken"')
}

async function ticketFor(host: string): Promise<string> {
  const client = await kerberos.initializeClient(`HTTP@${host}`, { mechOID: kerberos.GSS_MECH_OID_SPNEGO })
  return client.step('')
}
