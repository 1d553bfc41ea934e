/** A lab in a program's hands: brought up, entered, broken on purpose, and taken down. Demo, tests and bench use this. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { makeAuthority } from './certificates.ts'
import { ask, type Request, type Status, untilEnd } from './control.ts'
import { debianPackages } from './debian.ts'
import { LabError } from './errors.ts'
import {
  allLabs,
  isAlive,
  labFiles,
  labFolder,
  labFolderAt,
  labState,
  makeFolder,
  type ProcessMark,
  readDeath,
} from './folder.ts'
import { type EnterOptions, enter, makeNamespace, removeNamespace, whyNot } from './namespace.ts'
import type { LabFolder, PartName } from './part.ts'
import { withNeeds } from './parts.ts'
import { type ProgressSink, printer, progressTo } from './progress.ts'

/** A lab that stands, from outside or inside. Faults are made here. */
export type Lab = {
  readonly folder: LabFolder
  readonly files: ReturnType<typeof labFiles>
  /** Starts further parts, with what they need. From inside only what is fetched already. */
  add(parts: readonly PartName[]): Promise<void>
  /** Ends a daemon, for instance `nn1`, and resolves when it is dead. */
  stop(daemon: string, signal?: NodeJS.Signals): Promise<void>
  /** Starts a stopped daemon again, and resolves when it answers. */
  start(daemon: string): Promise<void>
  /** Stops a daemon's processor, not its connections: the fault that only a timeout notices. */
  freeze(daemon: string): Promise<void>
  thaw(daemon: string): Promise<void>
  status(): Promise<Status>
}

/** A lab from outside its namespace. */
export type OuterLab = Lab & {
  /** Starts a command inside. Ending the returned process ends the command. */
  spawn(command: readonly string[], options?: EnterOptions): ReturnType<typeof enter>
  /** Runs a command inside to its end, with the caller's terminal unless `stdio` says otherwise; resolves with its exit code. */
  run(command: readonly string[], options?: EnterOptions): Promise<number>
  /** Resolves with why, once the lab has ended without `down`. */
  readonly died: Promise<LabError>
  /** Ends all of it and leaves nothing behind. */
  down(): Promise<void>
}

export type UpOptions = {
  readonly name?: string
  /** Whether the lab dies with this process, however that ends; the default. The command line's labs outlive it. */
  readonly tied?: boolean
  readonly sink?: ProgressSink
}

/** Fetches what is missing, then starts the parts with all they need. A failure leaves nothing behind, and says why. */
export async function up(parts: readonly PartName[], options: UpOptions = {}): Promise<OuterLab> {
  const folder = labFolder(options.name ?? 'default')
  const sink = options.sink ?? printer(process.stderr)
  const problem = whyNot()
  if (problem !== undefined) throw new LabError(problem)
  await sweep()
  const state = labState(folder)
  if (state.is === 'up') throw new LabError(`lab \`${folder.name}\` is up already`, 'end it with `npm run lab -- down`')
  if (state.is === 'starting') throw new LabError(`lab \`${folder.name}\` is being started by another process`)
  if (state.is !== 'absent') await removeNamespace(folder)
  await fetch(folder, parts, sink)
  if (!makeFolder(folder)) throw new LabError(`lab \`${folder.name}\` is being started by another process`)
  try {
    await begin(folder, options.tied ?? true, sink)
    await ask(labFiles(folder).control, { do: 'start', parts }, sink)
    rmSync(labFiles(folder).starter)
    return standing(folder, sink)
  } catch (error) {
    const death = readDeath(folder)
    await removeNamespace(folder)
    throw death === undefined ? error : new LabError(death)
  }
}

/** The lab of that name that stands already. */
export function find(name: string, sink: ProgressSink = printer(process.stderr)): OuterLab {
  const folder = labFolder(name)
  const state = labState(folder)
  if (state.is === 'up') return standing(folder, sink)
  const why = state.is === 'stale' && state.why !== undefined ? `lab \`${name}\` has ended: ${state.why}` : undefined
  throw new LabError(why ?? `lab \`${name}\` is not up`, 'start it with `npm run lab -- up`')
}

/** The lab that this process runs in; undefined outside any. */
export function attach(sink: ProgressSink = printer(process.stderr)): Lab | undefined {
  const path = process.env['KERBSIDE_LAB']
  return path === undefined ? undefined : handle(labFolderAt(path), sink)
}

/** Ends the lab of that name in whatever state it is, also after its starter was killed. Nothing to end is no error. */
export async function down(name: string): Promise<void> {
  await removeNamespace(labFolder(name))
}

/** Removes what killed processes left behind, whatever its name. A lab that died by itself keeps its logs until it is asked away. */
async function sweep(): Promise<void> {
  for (const folder of allLabs()) {
    const state = labState(folder)
    if (state.is === 'stale' && state.why === undefined) await removeNamespace(folder).catch(() => {})
  }
}

async function fetch(folder: LabFolder, parts: readonly PartName[], sink: ProgressSink): Promise<void> {
  const progress = progressTo(sink)
  mkdirSync(folder.cache, { recursive: true })
  const tools = { unshare: 'util-linux', ip: 'iproute2', ps: 'procps' }
  await Promise.all([
    debianPackages(folder, progress, tools),
    ...withNeeds(parts).map((part) => part.fetch(folder, progress)),
  ])
}

async function begin(folder: LabFolder, tied: boolean, sink: ProgressSink): Promise<void> {
  const files = labFiles(folder)
  await progressTo(sink).step('namespace', async () => {
    await makeAuthority(folder)
    const holder = makeNamespace(folder, { tied })
    holder.unref()
    for (;;) {
      if (holder.exitCode !== null || holder.signalCode !== null) throw holderFailed(files.log('supervisor'))
      const answers = await ask(files.control, { do: 'status' }).catch(() => undefined)
      if (answers !== undefined) return
      await wait(30)
    }
  })
}

function holderFailed(log: string): LabError {
  return new LabError('the namespace could not be made', readFileSync(log, 'utf8').trim())
}

function standing(folder: LabFolder, sink: ProgressSink): OuterLab {
  const lab = handle(folder, sink)
  const { init } = labState(folder) as { init: ProcessMark }
  const end = untilEnd(lab.files.control)
  let asked = false
  const died = end.ended.then(() => (asked ? new Promise<LabError>(() => {}) : deathOf(folder)))
  const spawn: OuterLab['spawn'] = (command, options) => enter(folder, init, command, options)
  return {
    ...lab,
    async add(parts) {
      await fetch(folder, parts, sink)
      await lab.add(parts)
    },
    spawn,
    async run(command, options) {
      const child = spawn(command, options)
      const code = await new Promise<number>((resolve, reject) => {
        child.on('error', reject)
        child.on('close', (code, signal) => resolve(code ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 0)))
      })
      if (!asked && (readDeath(folder) !== undefined || !isAlive(init))) throw deathOf(folder)
      return code
    },
    died,
    async down() {
      asked = true
      end.close()
      await removeNamespace(folder)
    },
  }
}

const deathOf = (folder: LabFolder) =>
  new LabError(readDeath(folder) ?? `lab \`${folder.name}\` was ended from outside`)

function handle(folder: LabFolder, sink: ProgressSink): Lab {
  const files = labFiles(folder)
  const tell = async (request: Request) => {
    await ask(files.control, request, sink).catch((error: unknown) => {
      const death = readDeath(folder)
      throw death === undefined ? error : new LabError(death)
    })
  }
  return {
    folder,
    files,
    add: (parts) => tell({ do: 'start', parts }),
    stop: (name, signal = 'SIGTERM') => tell({ do: 'stop-daemon', name, signal }),
    start: (name) => tell({ do: 'start-daemon', name }),
    freeze: (name) => tell({ do: 'freeze-daemon', name, frozen: true }),
    thaw: (name) => tell({ do: 'freeze-daemon', name, frozen: false }),
    status: () => ask(files.control, { do: 'status' }),
  }
}
