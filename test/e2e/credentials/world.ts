/** The lab's KDC and HDFS as the sidecar's credentials meet them: a files store, a run folder, and principals made for a test. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inspect, promisify } from 'node:util'
import type { Acquired, AcquireTask } from '../../../sidecar/credentials/acquire.ts'
import type { Negotiated, NegotiateTask } from '../../../sidecar/credentials/negotiate.ts'
import { ACQUIRE, NEGOTIATE } from '../../../sidecar/credentials/programs.ts'
import { httpsRequest } from '../../../src/io/https-request.ts'
import { kerberosEnv, type RunFiles, runFiles } from '../../../src/io/kerberos/run-files.ts'
import { runOneShot } from '../../../src/io/one-shot.ts'
import { attach, type Lab } from '../../lab/lab.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { secretsIn } from '../../sweep/secret-files.ts'
import { Sweep } from '../../sweep/sweep.ts'
import { search } from '../../sweep/watch-answers.ts'

const run = promisify(execFile)

/** What one exchange with the NameNodes is about; the rest is the lab's. */
type Exchange = { readonly do: 'get' } | { readonly do: 'renew' | 'cancel'; readonly token: string }

export class World {
  readonly lab: Lab
  readonly folder = mkdtempSync(join(tmpdir(), 'kerbside-credentials-'))
  readonly runDirectory = join(this.folder, 'run')
  readonly files: RunFiles = runFiles(this.runDirectory)
  readonly caPem: string
  readonly store: AcquireTask['store']

  constructor() {
    const lab = attach()
    if (lab === undefined) throw new Error('these tests run inside the lab')
    this.lab = lab
    this.caPem = readFileSync(lab.files.authority, 'utf8')
    this.store = {
      broker: 'https://127.0.0.1:1',
      identity: 'quant-research',
      store: 'files',
      storeMount: join(this.folder, 'store'),
      storeUrl: 'none',
      storeRole: 'none',
      storeAuth: 'none',
      storeLoginUrl: 'none',
      storeNamespace: 'none',
      storeKvVersion: '2',
      ca: this.caPem,
      tokenFile: join(this.folder, 'token'),
    }
    this.put('hdfs/lab/ca.pem', this.caPem)
    this.put('hdfs/quant-research/keytab', readFileSync(lab.files.keytab('quant')))
  }

  put(secret: string, content: string | Uint8Array): void {
    const file = join(this.store.storeMount, secret)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }

  acquire(change: Partial<AcquireTask['connection']> = {}): Promise<Acquired> {
    const { principal, secret, cluster } = SLICE
    const connection = { principal, secret, cluster, ...change }
    const task: AcquireTask = { store: this.store, runDirectory: this.runDirectory, connection }
    const signal = new AbortController().signal
    return this.#swept(runOneShot({ program: ACQUIRE, task, env: {}, timeoutMs: 90_000, signal }))
  }

  negotiate(exchange: Exchange, change: Partial<NegotiateTask> = {}): Promise<Negotiated> {
    const { principal, cluster } = SLICE
    const { caPem } = this
    const task = { ...exchange, nameNodes: cluster.nameNodes, caPem, principal, ...change }
    const env = kerberosEnv(this.files.krb5Conf, this.files.cache)
    const signal = new AbortController().signal
    return this.#swept(runOneShot({ program: NEGOTIATE, task, env, timeoutMs: 60_000, signal }))
  }

  /**
   * Whom HDFS takes the bearer of a delegation token for; the class of its exception when it takes it for nobody. Of half a
   * token it may answer with a page of its servlet container, which counts as a refusal with that status.
   */
  async ownerOf(token: string): Promise<string> {
    for (const origin of SLICE.cluster.nameNodes) {
      const url = new URL(`/webhdfs/v1/?op=GETHOMEDIRECTORY&delegation=${token}`, origin)
      const signal = AbortSignal.timeout(10_000)
      const answer = await httpsRequest({ url, method: 'GET', ca: this.caPem, signal }).catch(() => undefined)
      const body = answer?.body.toString() ?? 'StandbyException'
      if (body.includes('StandbyException')) continue
      if (!body.startsWith('{')) return `HTTP ${answer?.status}`
      const { Path: path, RemoteException: refused } = JSON.parse(body)
      return path ?? (String(refused.message).includes('InvalidToken') ? 'InvalidToken' : refused.exception)
    }
    return 'no active NameNode'
  }

  /** Commands of the KDC's administrator. */
  async kadmin(...queries: readonly string[]): Promise<void> {
    for (const query of queries) await run('kadmin.local', ['-r', SLICE.cluster.realm, '-q', query])
  }

  /** A principal of its own for a test, with its keytab in the store under `hdfs/NAME`. */
  async makePrincipal(name: string): Promise<void> {
    await this.kadmin(`delprinc -force ${name}`, `addprinc -randkey ${name}`)
    await this.storeKeytabOf(name)
  }

  /** Writes the principal's present key, as an administrator does after having changed it. */
  async storeKeytabOf(name: string): Promise<void> {
    const file = join(this.folder, `${name}.keytab`)
    rmSync(file, { force: true })
    await this.kadmin(`ktadd -norandkey -k ${file} ${name}`)
    this.put(`hdfs/${name}/keytab`, readFileSync(file))
  }

  /** What MIT's own `klist` says of a file. */
  async klist(...args: readonly string[]): Promise<string> {
    return (await run('klist', [...args], { env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } })).stdout
  }

  /** No error may have a credential in it, whatever it is about. */
  async #swept<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => {
      const found = search(new Sweep(Object.fromEntries(secretsIn(this.folder))), Buffer.from(inspect(error)))
      if (found.length > 0) throw new Error(`a credential is in an error: ${JSON.stringify(found)}`)
      throw error
    })
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}

/** The code of the error that work ends with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: { code?: string }) => error.code ?? 'no code',
  )
}
