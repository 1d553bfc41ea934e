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

/** Debian's `libfaketime` reads /etc/faketimerc. By /etc/ld.so.preload it goes into every process, whatever its environment. */
const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'
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
  #wallSeconds = 0
  #sleptSeconds = 0

  constructor(folder: string) {
    const at = (name: string) => join(folder, 'clock', name)
    mkdirSync(at('etc'), { recursive: true })
    this.#wall = at('wall')
    writeFileSync(at('etc/ld.so.preload'), LIBRARY)
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
    this.#wallSeconds = aheadSeconds
    const seconds = aheadSeconds + this.#sleptSeconds
    writeFileSync(this.#wall, `${seconds < 0 ? '' : '+'}${seconds}s\n`)
  }

  /** The wall clock and the time since the machine started go on by so much, as after a sleep; what counts awake time does not. */
  sleep(seconds: number): void {
    this.#sleptSeconds += seconds
    this.set(this.#wallSeconds)
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
