/** HDFS's superuser, straight to the active NameNode: lays the tree out, and looks at it past the gateway. Inside the lab only. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../lab/command.ts'
import type { Lab } from '../lab/lab.ts'

export type Answer = { readonly status: number; readonly body: Buffer }

const NAMENODES = ['nn1.lab', 'nn2.lab'] as const

export class Privileged {
  readonly delegationToken: string
  readonly #agent: Agent
  #active: string = NAMENODES[0]

  private constructor(delegationToken: string, ca: Buffer) {
    this.delegationToken = delegationToken
    this.#agent = new Agent({ ca, keepAlive: true, maxSockets: 8 })
  }

  static async of(lab: Lab): Promise<Privileged> {
    const privileged = new Privileged(await fetchDelegationToken(lab), readFileSync(lab.files.authority))
    for (const name of NAMENODES) {
      privileged.#active = name
      if ((await privileged.ask('GET', '/?op=GETFILESTATUS')).status === 200) return privileged
    }
    throw new Error('no NameNode is active')
  }

  /** Any answer is one; only a broken connection throws. */
  async ask(method: string, pathAndQuery: string, body?: Buffer): Promise<Answer> {
    const url = `https://${this.#active}:9871/webhdfs/v1${pathAndQuery}&delegation=${this.delegationToken}`
    const first = await this.#send(method, url)
    return first.location === undefined ? first : this.#send(method, first.location, body ?? Buffer.alloc(0))
  }

  /** @throws when HDFS says no */
  async must(method: string, pathAndQuery: string, body?: Buffer): Promise<Record<string, unknown>> {
    const { status, body: said } = await this.ask(method, pathAndQuery, body)
    if (status >= 300) throw new Error(`${method} ${pathAndQuery}: ${status} ${said.toString()}`)
    return said.length === 0 || !said.toString().startsWith('{') ? {} : JSON.parse(said.toString())
  }

  close(): void {
    this.#agent.destroy()
  }

  #send(method: string, url: string, body?: Buffer): Promise<Answer & { readonly location: string | undefined }> {
    return new Promise((resolve, reject) => {
      const sent = httpsRequest(url, { method, agent: this.#agent }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const location = response.statusCode === 307 ? response.headers.location : undefined
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), location })
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }
}

async function fetchDelegationToken(lab: Lab): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'))
  const env = { KRB5CCNAME: join(folder, 'ccache') }
  try {
    await runCommand(['kinit', '-k', '-t', lab.files.keytab('hdfs'), 'hdfs'], { env })
    for (const name of NAMENODES) {
      const url = `https://${name}:9871/webhdfs/v1/?op=GETDELEGATIONTOKEN&renewer=hdfs`
      const command = ['curl', '-s', '--negotiate', '-u', ':', '--cacert', lab.files.authority, url] as const
      const token = JSON.parse(await runCommand(command, { env })).Token?.urlString
      if (typeof token === 'string') return token
    }
    throw new Error('no NameNode gives a delegation token')
  } finally {
    rmSync(folder, { recursive: true })
  }
}
