/** Everything that the pods of a lab tell while tests run, searched for credentials at the end: no test has to think of it. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { kubernetes } from '../lab/kubernetes.ts'
import type { LabFolder } from '../lab/part.ts'
import { tokenOfQuant } from './credentials.ts'
import { filesIn, ifThere, secretOf, secretsIn } from './secret-files.ts'
import { Sweep } from './sweep.ts'
import { search } from './watch-answers.ts'

/** Volumes of the sidecar alone: what is in them is a credential, or leads to one. */
const SECRET_VOLUMES = ['kubernetes.io~projected/kerbside-token', 'kubernetes.io~empty-dir/kerbside-run']
/** What training containers see, and the audit spool; what Kubernetes itself mounts is not ours. */
const SEEN_VOLUMES = 'kubernetes.io~empty-dir/'
const LARGEST_BYTES = 8 * 1024 * 1024
const PAUSE_MS = 500

export type PodSearch = {
  /** Sentences, one for each that was found. */
  readonly found: readonly string[]
  readonly searched: { readonly logs: number; readonly files: number; readonly objects: number }
  /** Credentials that were seen in volumes of sidecars, and how many sidecars ran. */
  readonly secrets: number
  readonly sidecars: number
}

type Texts = Map<string, Buffer>
type Item = {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string; readonly name: string }
  readonly status?: { readonly phase?: string }
}

/** From now on. A log is held open, so that it can be read when its pod is long gone. */
export class PodWatch {
  readonly #folder: LabFolder
  readonly #kubelet: string
  readonly #logs = new Map<string, number>()
  readonly #files: Texts = new Map()
  readonly #objects: Texts = new Map()
  readonly #secrets: Texts = new Map()
  readonly #sidecars = new Set<string>()
  readonly #stop = new AbortController()
  readonly #watching: Promise<void>

  constructor(folder: LabFolder) {
    this.#folder = folder
    this.#kubelet = join(folder.path, 'kubelet')
    this.#watching = this.#watch()
  }

  async end(): Promise<PodSearch> {
    this.#stop.abort()
    await this.#watching
    await this.#look()
    const logs = [...this.#logs].map(([name, file]) => [name, contentOf(file)] as const)
    for (const file of this.#logs.values()) closeSync(file)
    const sweep = new Sweep(Object.fromEntries([...secretsIn(join(this.#folder.path, 'keytabs')), ...this.#secrets]))
    const found = [...logs, ...this.#files, ...this.#objects].flatMap(([name, bytes]) =>
      findIn(sweep, bytes).map((what) => `${name}: ${what}`),
    )
    const searched = { logs: logs.length, files: this.#files.size, objects: this.#objects.size }
    return { found, searched, secrets: this.#secrets.size, sidecars: this.#sidecars.size }
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await this.#look()
      await wait(PAUSE_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  async #look(): Promise<void> {
    for (const path of filesIn(join(this.#kubelet, 'pod-logs'))) this.#hold(path)
    for (const path of filesIn(join(this.#kubelet, 'pods'))) this.#read(path)
    await Promise.all(['pods', 'events'].map((kind) => this.#list(kind)))
  }

  #hold(path: string): void {
    const file = ifThere(() => openSync(path, 'r'))
    if (file === undefined) return
    const name = `${this.#named(path)} ${fstatSync(file).ino}`
    if (this.#logs.has(name)) closeSync(file)
    else this.#logs.set(name, file)
  }

  /** `pods/UID/volumes/KIND/NAME/…` */
  #read(path: string): void {
    const inside = this.#named(path).split(sep).slice(3).join('/')
    const isSecret = SECRET_VOLUMES.some((volume) => inside.startsWith(`${volume}/`))
    if (!isSecret && !inside.startsWith(SEEN_VOLUMES)) return
    const stat = ifThere(() => statSync(path))
    if (stat === undefined || !stat.isFile() || stat.size > LARGEST_BYTES) return
    const name = `${this.#named(path)} ${stat.ino} ${stat.size} ${stat.mtimeMs}`
    if (this.#files.has(name) || this.#secrets.has(name)) return
    const bytes = ifThere(() => readFileSync(path))
    if (bytes === undefined) return
    const secret = isSecret ? secretOf(bytes) : undefined
    if (!isSecret) this.#files.set(name, bytes)
    else if (secret !== undefined) this.#secrets.set(name, secret)
  }

  async #list(kind: string): Promise<void> {
    const list = await kubernetes(this.#folder)
      .get<{ items: Item[] }>(`/api/v1/${kind}`)
      // The tests stop the API server, too.
      .catch(() => undefined)
    for (const item of list?.items ?? []) {
      const { name, uid, resourceVersion } = item.metadata
      const text = JSON.stringify(item)
      this.#objects.set(`${kind} ${name} ${uid} ${resourceVersion}`, Buffer.from(text))
      if (item.status?.phase === 'Running' && text.includes('"kerbside-token"')) this.#sidecars.add(uid)
    }
  }

  #named(path: string): string {
    return relative(this.#kubelet, path)
  }
}

function findIn(sweep: Sweep, bytes: Buffer): string[] {
  const token = tokenOfQuant(bytes.toString('latin1'))
  return [...search(sweep, bytes), ...(token === undefined ? [] : [`\`${token}\``])]
}

/** As much as was written until now; the place in the file is nobody else's. */
function contentOf(file: number): Buffer {
  const bytes = Buffer.alloc(fstatSync(file).size)
  return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0))
}
