/** Logins at a real OpenBao, counted in its audit log: one for each of two hundred sidecars that start together, and none left of one that is ended meanwhile. */
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetchSecrets } from '../../../sidecar/credentials/fetch-secrets.ts'
import { writeSlice } from '../../../src/core/policy/slice-line.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { stream } from '../../sidecar/policy/loopback-broker.ts'
import { startSidecar } from '../credentials/sidecar-process.ts'
import { World } from '../credentials/world.ts'
import { OwnOpenbao } from './own-openbao.ts'
import { PlaceInOpenbao } from './place-in-openbao.ts'
import { processesOf } from './processes.ts'
import { until } from './stage.ts'

const SIDECARS = 200
/** As many at once as a busy machine answers in time, with OpenBao and API server on it too. */
const AT_ONCE = 5
const TIMEOUT = { timeout: 300_000 }
const LOGIN = 'auth/kubernetes/login'
const REVOKE = 'auth/token/revoke-self'

let world: World
let bao: OwnOpenbao
let place: PlaceInOpenbao
let store: World['store']
beforeAll(async () => {
  world = new World()
  bao = await OwnOpenbao.start(world.lab)
  place = new PlaceInOpenbao(world.lab, { name: 'logins', secretPath: SLICE.secret, bao })
  store = { ...world.store, ...(await place.make(readFileSync(world.lab.files.keytab('quant')))) }
  writeFileSync(store.tokenFile, place.token)
}, TIMEOUT.timeout)
afterAll(async () => {
  await place.removeNamespace()
  await bao.close()
  world.remove()
})

/** Accessors of logins that were given since so many answers, and of those that were given back. */
function loginsSince(answers: number): { readonly given: readonly string[]; readonly back: readonly string[] } {
  const good = bao
    .answers()
    .slice(answers)
    .filter(({ error }) => error === undefined)
  const at = (path: string) => good.filter(({ request }) => request.path === path)
  return {
    given: at(LOGIN).map(({ response }) => response?.auth?.accessor ?? 'none'),
    back: at(REVOKE).map(({ auth }) => auth?.accessor ?? 'none'),
  }
}

test('two hundred sidecars that start together log in once each', TIMEOUT, async () => {
  const { signal } = new AbortController()
  const before = bao.answers().length
  const versions = new Set<string>()
  for (let started = 0; started < SIDECARS; started += AT_ONCE) {
    const wave = Array.from({ length: AT_ONCE }, () => fetchSecrets(store, SLICE, signal))
    for (const { version, loggedOut } of await Promise.all(wave)) {
      versions.add(version)
      await loggedOut
    }
  }
  expect(versions.size, 'all have read the same').toBe(1)
  const { given, back } = loginsSince(before)
  expect(new Set(given).size).toBe(SIDECARS)
  expect(back.toSorted(), 'each login is given back').toEqual(given.toSorted())
})

/** Lets the first connection through to OpenBao, holds those that come next without an answer, and lets all through from a moment on. */
class SlowWire {
  readonly #server: Server
  readonly #open = new Set<Socket>()
  #connections = 0
  holds = true

  constructor(target: URL, host: string) {
    this.#server = createServer((client) => {
      this.#keep(client)
      if (this.#connections++ > 0 && this.holds) return
      const upstream = this.#keep(connect(Number(target.port), target.hostname))
      client.pipe(upstream).pipe(client)
    }).listen(0, host)
  }

  get held(): boolean {
    return this.#connections > 1
  }

  async port(): Promise<number> {
    if (!this.#server.listening) await once(this.#server, 'listening')
    const address = this.#server.address()
    return typeof address === 'object' ? (address?.port ?? 0) : 0
  }

  close(): void {
    for (const socket of this.#open) socket.destroy()
    this.#server.close()
  }

  #keep(socket: Socket): Socket {
    this.#open.add(socket)
    return socket.on('error', () => undefined).on('close', () => this.#open.delete(socket))
  }
}

test(
  'a sidecar that is ended between its login and its secrets leaves no login, no ticket and no process',
  TIMEOUT,
  async () => {
    const target = new URL(bao.url)
    const wire = new SlowWire(target, target.hostname)
    const storeUrl = `https://${target.hostname}:${await wire.port()}`
    const before = bao.answers().length
    try {
      const sidecar = await startSidecar({ folder: world.folder, store: { ...store, storeUrl } })
      writeFileSync(store.tokenFile, place.token)
      sidecar.broker.answer(stream(writeSlice(SLICE)))
      await until('a question after the login', () => wire.held)
      const children = processesOf({ sidecar }).map(({ pid }) => pid)
      wire.holds = false
      expect(await sidecar.stop()).toBe(0)
      expect(children.length).toBeGreaterThan(1)
      await until('all its processes to end', () => children.every((pid) => !existsSync(`/proc/${pid}`)))
    } finally {
      wire.close()
    }
    expect(existsSync(world.files.folder), 'its run folder').toBe(false)
    const { given, back } = loginsSince(before)
    expect(given.length, 'it had logged in').toBe(1)
    expect(back).toEqual(given)
  },
)
