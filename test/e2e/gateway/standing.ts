/** A gateway in front of the lab's HDFS, and HDFS itself as quant reaches it directly, to compare. Inside the lab only. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Gateway, startGateway } from '../../../sidecar/gateway/gateway.ts'
import type { Limits } from '../../../sidecar/gateway/limits.ts'
import type { DelegationTokens } from '../../../sidecar/ports.ts'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { attach, type Lab } from '../../lab/lab.ts'
import { AuditInMemory, ChangingSlice, SLICE, WHO } from '../../sidecar/gateway/story.ts'
import { Sweep } from '../../sweep/sweep.ts'
import { expectNoCredential, watchAnswers } from '../../sweep/watch-answers.ts'

const run = promisify(execFile)

export type Standing = {
  readonly lab: Lab
  readonly gateway: Gateway
  readonly audit: AuditInMemory
  readonly slice: ChangingSlice
  readonly warnings: string[]
  readonly delegationToken: string
  /** `http://127.0.0.1:PORT/webhdfs/v1`. */
  readonly base: string
  /** One operation straight to the active NameNode, and on to the DataNode it names; as quant, with quant's own token. */
  direct(method: string, pathAndQuery: string, body?: Buffer): Promise<{ status: number; body: Buffer }>
  /** Whether the active NameNode takes it for no delegation token of its own. */
  refusesToken(token: string): Promise<boolean>
  /** The NameNode that does not say that it is on standby. */
  active(): Promise<NameNode>
  /** @param seen what else a job can read: its environment, its files */
  stop(seen?: readonly unknown[]): Promise<void>
}

export type NameNode = 'nn1' | 'nn2'
const NAMENODES: readonly NameNode[] = ['nn1', 'nn2']

/** @param user whose token the gateway holds; `hdfs` is HDFS's superuser */
export async function standHere(
  slice: Slice = SLICE,
  limits: Partial<Limits> = {},
  user: 'quant' | 'hdfs' = 'quant',
): Promise<Standing> {
  const lab = attach()
  if (lab === undefined) throw new Error('these tests run inside the lab')
  const caPem = readFileSync(lab.files.authority, 'utf8')
  const { delegationToken, ...secrets } = await fetchCredentials(lab, user)
  const sweep = new Sweep({ 'delegation token': delegationToken, ...secrets })
  const tokens: DelegationTokens = { current: async () => delegationToken, replace: async () => delegationToken }
  const audit = new AuditInMemory()
  const changing = new ChangingSlice(slice)
  const warnings: string[] = []
  let port = 0
  const watch = watchAnswers(sweep, (socket) => socket.localPort === port)
  const gateway = await startGateway({
    port: 0,
    slice: changing,
    tokens,
    audit,
    trust: () => ({ caPem }),
    who: () => WHO,
    clock: Date.now,
    log: { warn: (message) => warnings.push(message) },
    limits: { closeMs: 1000, ...limits },
  })
  port = gateway.port
  return {
    lab,
    gateway,
    audit,
    slice: changing,
    warnings,
    delegationToken,
    base: `http://127.0.0.1:${gateway.port}/webhdfs/v1`,
    direct: (method, pathAndQuery, body) => direct({ caPem, delegationToken }, method, pathAndQuery, body),
    async refusesToken(token) {
      const name = await active({ caPem, delegationToken })
      const { status } = await send(
        { caPem, delegationToken },
        'GET',
        urlAt(name, { caPem, delegationToken: token }, '/?op=GETFILESTATUS'),
      )
      return status === 403
    },
    active: () => active({ caPem, delegationToken }),
    async stop(seen = []) {
      await gateway.close()
      expectNoCredential(watch, sweep, [audit.entries, warnings, gateway.counters(), ...seen])
    },
  }
}

/** As the sidecar's credentials do it, but in two commands: a ticket from the keytab, a delegation token by SPNEGO. */
async function fetchCredentials(lab: Lab, user: string) {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
  const env = { ...process.env, KRB5CCNAME: join(folder, 'ccache') }
  try {
    await run('kinit', ['-k', '-t', lab.files.keytab(user), user], { env })
    for (const name of NAMENODES) {
      const url = `https://${name}.lab:9871/webhdfs/v1/?op=GETDELEGATIONTOKEN&renewer=${user}`
      const options = ['-s', '-i', '--negotiate', '-u', ':', '--cacert', lab.files.authority]
      const { stdout } = await run('curl', [...options, url], { env })
      const delegationToken: string | undefined = /"urlString":"([^"]+)"/.exec(stdout)?.[1]
      const cookie = /^set-cookie: hadoop.auth="([^"]+)"/im.exec(stdout)?.[1]
      if (delegationToken === undefined || cookie === undefined) continue
      // The ends: key of a keytab, and ticket of a cache, behind heads that are no secret.
      const keytab = readFileSync(lab.files.keytab(user)).subarray(-24)
      const ticket = readFileSync(join(folder, 'ccache')).subarray(-64)
      return { delegationToken, keytab, ticket, cookie }
    }
    throw new Error('no NameNode gives a delegation token')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

type Credential = { readonly caPem: string; readonly delegationToken: string }

async function direct(credential: Credential, method: string, pathAndQuery: string, body?: Buffer) {
  const first = await send(credential, method, urlAt(await active(credential), credential, pathAndQuery))
  return first.location === undefined ? first : send(credential, method, first.location, body)
}

async function active(credential: Credential): Promise<NameNode> {
  for (const name of NAMENODES) {
    const asked = send(credential, 'GET', urlAt(name, credential, '/?op=GETFILESTATUS'))
    const { status } = await asked.catch(() => ({ status: 0 }))
    if (status === 200) return name
  }
  throw new Error('no NameNode is active')
}

const urlAt = (name: NameNode, { delegationToken }: Credential, pathAndQuery: string) =>
  `https://${name}.lab:9871/webhdfs/v1${pathAndQuery}&delegation=${delegationToken}`

function send({ caPem }: Credential, method: string, url: string, body?: Buffer) {
  return new Promise<{ status: number; body: Buffer; location: string | undefined }>((resolve, reject) => {
    const sent = httpsRequest(url, { method, ca: caPem, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks),
          location: response.statusCode === 307 ? response.headers.location : undefined,
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
