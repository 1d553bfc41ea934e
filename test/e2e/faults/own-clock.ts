/** The clocks of a machine as one sidecar and its children see them, and nobody else: what they say can be changed at any time. */
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { FAKETIME_LIBRARY } from '../../lab/faketime.ts'

/** Longer than any line of /proc/uptime. */
const LINE = 64
const TICK_MS = 20

export class OwnClock {
  /** Of the process that is to live by it: the wall clock alone is another one, and is looked at each second. */
  readonly env = { FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_CACHE_DURATION: '1' } as const
  /** What to mount for it, as arguments of mount(8). */
  readonly mounts: readonly (readonly string[])[]
  readonly #wall: string
  readonly #uptime: number
  readonly #timer: NodeJS.Timeout
  #sleptSeconds = 0

  constructor(folder: string) {
    const at = (name: string) => join(folder, 'clock', name)
    mkdirSync(at('etc'), { recursive: true })
    this.#wall = at('wall')
    // So it goes into every process, whatever its environment; and there it reads /etc/faketimerc.
    writeFileSync(at('etc/ld.so.preload'), FAKETIME_LIBRARY)
    symlinkSync(this.#wall, at('etc/faketimerc'))
    // The lab has mounted them over files of /etc, which an overlay does not see.
    for (const name of ['hosts', 'resolv.conf']) copyFileSync(`/etc/${name}`, at(`etc/${name}`))
    writeFileSync(at('uptime'), '')
    this.#uptime = openSync(at('uptime'), 'r+')
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
    this.set(0)
    this.#tick()
    this.mounts = [
      ['--bind', at('uptime'), '/proc/uptime'],
      // The library leaves names here.
      ['-t', 'tmpfs', 'tmpfs', '/dev/shm'],
      ['-t', 'overlay', 'overlay', '-o', `lowerdir=${at('etc')}:/etc`, '/etc'],
    ]
  }

  /** The wall clock is set to so many seconds ahead of the real one, or behind it. */
  set(aheadSeconds: number): void {
    writeFileSync(this.#wall, `${aheadSeconds < 0 ? '' : '+'}${aheadSeconds}s\n`)
  }

  /** The time since the machine started goes on by so much, and what counts only time awake does not, as after a sleep. */
  sleep(seconds: number): void {
    this.#sleptSeconds += seconds
    this.#tick()
  }

  close(): void {
    clearInterval(this.#timer)
    closeSync(this.#uptime)
  }

  #tick(): void {
    const real = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
    writeSync(this.#uptime, `${(real + this.#sleptSeconds).toFixed(2)} 0.00`.padEnd(LINE), 0)
  }
}
