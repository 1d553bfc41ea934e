/** Where one fault is tried: a whole sidecar in front of the lab's HDFS, with a principal and a keytab of its own, and a job that never stops asking. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SIDECAR_MEMORY } from '../../../src/core/identity/sidecar-memory.ts'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { writeSlice } from '../../../src/core/policy/slice-line.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { stream } from '../../sidecar/policy/loopback-broker.ts'
import { SIDECAR_USER, type SidecarProcess, type StartOptions, startSidecar } from '../credentials/sidecar-process.ts'
import { World } from '../credentials/world.ts'
import { Load } from './load.ts'
import { OwnClock } from './own-clock.ts'
import { OwnKdc } from './own-kdc.ts'
import { SHIPPED } from './shipped.ts'

export type StageOptions = {
  /** How long a ticket holds. Refreshes come at about half of it; in the other half a fault shows, however busy the machine. */
  readonly ticketSeconds?: number
  /** Whether it has a KDC of its own, which can be stopped without harm to others. */
  readonly ownKdc?: boolean
  /** Whether it has clocks of its own, which can be set. */
  readonly ownClock?: boolean
  /** Size of its memory volume; a folder without a bound of its own unless given. */
  readonly volumeKiB?: number
  readonly start?: StartOptions
  /** After the principal was made, before the sidecar starts; gives the store, if it is another than files. */
  readonly prepare?: (stage: Stage) => Promise<Partial<World['store']> | undefined>
  /** Written to the service-account token file. */
  readonly token?: (stage: Stage) => string
  readonly pauseMs?: number
}

/** As a broker does that has no news. */
const BEAT_MS = 10_000
const APART = join(import.meta.dirname, 'apart-process.ts')

/** Nothing of a stage takes longer than this, however busy the machine. */
export const PATIENCE_MS = 240_000

export class Stage {
  readonly world = new World()
  readonly name: string
  readonly principal: string
  readonly #kdc: OwnKdc | undefined
  readonly #clock: OwnClock | undefined
  #sidecar: SidecarProcess | undefined
  #load: Load | undefined
  #beat: NodeJS.Timeout | undefined
  readonly #atEnd: (() => Promise<void>)[] = []

  private constructor(name: string, { ownKdc = false, ownClock = false }: StageOptions) {
    this.name = name
    // HDFS takes it for `quant`: the first component is the short name.
    this.principal = `quant/${name}`
    this.#kdc = ownKdc ? new OwnKdc(this.world.lab, this.world.folder) : undefined
    this.#clock = ownClock ? new OwnClock(this.world.folder) : undefined
  }

  /** Resolves when the sidecar is ready and the job has been served. */
  static async open(name: string, options: StageOptions = {}): Promise<Stage> {
    const stage = new Stage(name, options)
    try {
      await stage.#open(options)
      return stage
    } catch (cause) {
      const told = stage.#sidecar === undefined ? '' : `${await stage.standing()}\n${stage.#sidecar.log()}`
      await stage.close()
      throw new Error(`the stage of ${name} was not set: ${(cause as Error).message}\n${told}`, { cause })
    }
  }

  get kdc(): OwnKdc {
    if (this.#kdc === undefined) throw new Error('the stage has no KDC of its own')
    return this.#kdc
  }

  get clock(): OwnClock {
    if (this.#clock === undefined) throw new Error('the stage has no clock of its own')
    return this.#clock
  }

  get sidecar(): SidecarProcess {
    if (this.#sidecar === undefined) throw new Error('the sidecar has not been started')
    return this.#sidecar
  }

  get load(): Load {
    if (this.#load === undefined) throw new Error('the job has not begun')
    return this.#load
  }

  /** Lines of `/readyz`; the first is `ready` or `not ready`. */
  async standing(): Promise<readonly string[]> {
    return (await this.sidecar.ready()).body.trimEnd().split('\n')
  }

  /** Objects that its log has so far. */
  logged(): readonly Readonly<Record<string, unknown>>[] {
    const lines = this.sidecar.log().split('\n')
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  }

  /** Waits until one of the lines that it logs from now on is so. */
  async nextLogged(is: (line: string) => boolean): Promise<void> {
    const before = this.sidecar.log().length
    await until('a line in the log', () => this.sidecar.log().slice(before).split('\n').some(is))
  }

  /** Number and start of the sidecar's process: another that took its place would have another start (proc(5), field 22). */
  process(): string {
    const { pid } = this.sidecar
    const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : ''
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
  }

  get secretPath(): string {
    return `hdfs/${this.name}`
  }

  /** The principal's present key, as its keytab. */
  async keytab(principal = this.principal): Promise<Buffer> {
    const file = join(this.world.folder, 'keytabs', principal)
    mkdirSync(dirname(file), { recursive: true })
    rmSync(file, { force: true })
    await this.world.kadmin(`ktadd -norandkey -k ${file} ${principal}`)
    return readFileSync(file)
  }

  /** Done when it closes, after the sidecar has ended. */
  atEnd(end: () => Promise<void>): void {
    this.#atEnd.push(end)
  }

  async close(): Promise<void> {
    clearInterval(this.#beat)
    await this.#load?.stop()
    await this.#sidecar?.stop()
    await this.#kdc?.stop()
    this.#clock?.close()
    for (const end of this.#atEnd) await end()
    await this.world.kadmin(`delprinc -force ${this.principal}`)
    this.world.remove()
  }

  async #open(options: StageOptions): Promise<void> {
    const { ticketSeconds = 80, prepare, token, pauseMs = 250 } = options
    const { world, principal } = this
    await world.kadmin(
      `delprinc -force ${principal}`,
      `addprinc -randkey -maxlife "${ticketSeconds} seconds" ${principal}`,
    )
    await this.#kdc?.start()
    const store = { ...world.store, ...(await prepare?.(this)) }
    if (store.store === 'files') world.put(`${this.secretPath}/keytab`, await this.keytab())
    this.#sidecar = await startSidecar({ folder: world.folder, store }, SHIPPED, this.#start(options))
    if (token !== undefined) this.putToken(token(this))
    this.sidecar.broker.answer(stream(writeSlice(this.#slice())))
    this.#beat = setInterval(() => this.sidecar.broker.say('\n'), BEAT_MS)
    await until('the sidecar to be ready', async () => (await this.standing())[0] === 'ready')
    this.#load = new Load(this.sidecar.gateway, pauseMs)
    await until('the job to be served', () => this.load.inARow >= 4)
  }

  #start({ volumeKiB, start = {} }: StageOptions): StartOptions {
    const { world } = this
    const clock = this.#clock
    const volume = ['-t', 'tmpfs', '-o', `size=${volumeKiB}k,mode=0777`, 'tmpfs', world.runDirectory]
    const mounts = [...(volumeKiB === undefined ? [] : [volume]), ...(clock?.mounts ?? [])]
    const env = { ...SIDECAR_MEMORY, ...clock?.env, ...start.env }
    if (mounts.length === 0) return { ...start, env }
    const apart = ['unshare', '--mount', process.execPath, APART, JSON.stringify(mounts), String(SIDECAR_USER)]
    return { wrapper: apart, env }
  }

  /** As the kubelet replaces it. */
  putToken(text: string): void {
    writeFileSync(this.world.store.tokenFile, text)
  }

  #slice(): Slice {
    const cluster = this.#kdc === undefined ? SLICE.cluster : { ...SLICE.cluster, kdcs: [this.#kdc.address] }
    return { ...SLICE, principal: `${this.principal}@LAB`, secret: this.secretPath, cluster }
  }
}

/** Polls: everything here is seen from outside. */
export async function until(what: string, is: () => boolean | Promise<boolean>, withinMs = PATIENCE_MS): Promise<void> {
  const end = Date.now() + withinMs
  while (!(await is())) {
    if (Date.now() > end) throw new Error(`waited too long for ${what}`)
    await sleep(50)
  }
}
