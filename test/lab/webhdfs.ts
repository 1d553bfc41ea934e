/** WebHDFS as HDFS's administrator speaks it, straight to the active NameNode: for the lab's own errands, inside. */
import { readFileSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import kerberos from 'kerberos'
import { labFiles } from './folder.ts'

const NAMENODE = 'nn1.lab'
const PORT = 9871
const WRITE_TRIES = 5

type Answer = { readonly status: number; readonly location: string | undefined; readonly body: Buffer }

/** Speaks by SPNEGO with the ticket that KRB5CCNAME names. */
export class WebHdfs {
  readonly #authority: Buffer
  #delegationToken: string | undefined

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

  /** A DataNode on a busy machine drops connections whose TLS handshake takes it over 10 s: the whole write is tried again. */
  async write(path: string, content: Buffer, triesLeft = WRITE_TRIES): Promise<void> {
    const step = await this.#send('PUT', await this.#url(path, { op: 'CREATE', overwrite: 'true' }))
    if (step.location === undefined) throw new Error(`no DataNode was named for \`${path}\``)
    try {
      await this.#send('PUT', step.location, content)
    } catch (thrown) {
      const isDropped = thrown instanceof Error && 'code' in thrown && thrown.code === 'ECONNRESET'
      if (!isDropped || triesLeft <= 1) throw thrown
      await this.write(path, content, triesLeft - 1)
    }
  }

  async #url(path: string, query: Readonly<Record<string, string>>): Promise<string> {
    const base = `https://${NAMENODE}:${PORT}/webhdfs/v1`
    if (this.#delegationToken === undefined) {
      const { body } = await this.#send('GET', `${base}/?op=GETDELEGATIONTOKEN`)
      this.#delegationToken = (JSON.parse(body.toString()) as { Token: { urlString: string } }).Token.urlString
    }
    return `${base}${path}?${new URLSearchParams({ ...query, delegation: this.#delegationToken })}`
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

async function ticketFor(host: string): Promise<string> {
  const client = await kerberos.initializeClient(`HTTP@${host}`, { mechOID: kerberos.GSS_MECH_OID_SPNEGO })
  return client.step('')
}
