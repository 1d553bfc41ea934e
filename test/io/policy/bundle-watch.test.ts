/** A signed policy under a running program, from the side of whoever can write its file: the policy in force does not change. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { ErrorCode } from '../../../src/core/errors.ts'
import { type PolicySource, watchPolicy } from '../../../src/io/policy/source.ts'
import { folderWith, SMALL } from './folder.ts'
import { flipped, folderOf, jwks, payloadFrom, type Signer, signed, signer } from './signed.ts'

const CHANGED = SMALL.replace('"allow"', '"deny"')
let ours: Signer
let next: Signer
let stranger: Signer
beforeAll(async () => {
  ours = await signer()
  next = await signer('ES256')
  stranger = await signer()
})

type Seen = number | ErrorCode
type Place = { readonly bundle: string; readonly keys: string }

/** Sequences as they come into force, and codes of what does not. */
function watching(source: PolicySource): {
  readonly seen: Seen[]
  untilSeen(count: number): Promise<readonly Seen[]>
  stop(): void
} {
  const seen: Seen[] = []
  let wake = () => {}
  const note = (what: Seen) => {
    seen.push(what)
    wake()
  }
  const stop = watchPolicy(source, {
    taken: (_, edition) => note(edition?.sequence ?? 0),
    refused: (code) => note(code),
  })
  onTestFinished(stop)
  const untilSeen = async (count: number) => {
    while (seen.length < count) await new Promise<void>((resolve) => (wake = resolve))
    return seen
  }
  return { seen, untilSeen, stop }
}
const watchingSigned = ({ bundle, keys }: Place, atLeast = 0, stateFile?: string) =>
  watching({ signed: { file: bundle, keysFile: keys, atLeast, stateFile } })

describe('a file that changes', () => {
  test('a newer bundle is taken over; whatever else comes is told by its code and is not', async () => {
    const place = folderOf(jwks(ours), await signed(5, ours))
    const { untilSeen } = watchingSigned(place)
    await untilSeen(1)
    const six = await signed(6, ours, CHANGED)
    const offers: readonly [string, Seen][] = [
      [await signed(4, ours, CHANGED), 'bundle-older'],
      [await signed(5, ours, CHANGED), 'bundle-other-content'],
      [await signed(6, stranger, CHANGED), 'bundle-unknown-key'],
      [flipped(six, six.length >> 1, 2), 'bundle-bad-signature'],
      [six.slice(0, 200), 'bundle-malformed'],
      [await payloadFrom(folderWith({ 'a.yaml': CHANGED }), 6), 'bundle-unsigned'],
      [SMALL, 'bundle-malformed'],
      ['', 'bundle-malformed'],
      [six, 6],
      [await signed(5, ours), 'bundle-older'],
    ]
    const expected: Seen[] = [5]
    for (const [text, result] of offers) {
      place.put(text)
      expected.push(result)
      expect(await untilSeen(expected.length)).toEqual(expected)
    }
  })

  test('the bundle in force, written again or signed again, is no news', async () => {
    const place = folderOf(jwks(ours, next), await signed(5, ours))
    const { untilSeen } = watchingSigned(place)
    await untilSeen(1)
    for (const again of [await signed(5, next), await signed(5, ours, `# a comment\n${SMALL}`)]) {
      place.put(again)
      // Nothing says that it was seen: long enough for it to be.
      await wait(400)
    }
    place.put(await signed(6, ours, CHANGED))
    expect(await untilSeen(2)).toEqual([5, 6])
  })

  test('a file that is away for a while is told once, and read when it is back', async () => {
    const place = folderOf(jwks(ours))
    const { untilSeen } = watchingSigned(place)
    expect(await untilSeen(1)).toEqual(['bad-policy'])
    place.trust(jwks(next, ours))
    await wait(400)
    place.put(await signed(1, ours))
    await untilSeen(2)
    rmSync(place.bundle)
    await untilSeen(3)
    place.put(await signed(2, ours, CHANGED))
    expect(await untilSeen(4)).toEqual(['bad-policy', 1, 'bad-policy', 2])
  })

  test('a ConfigMap is swapped by its link', async () => {
    const folder = folderWith({
      'keys.json': jwks(ours),
      'map/..one/policy.jws': await signed(1, ours),
      'map/..two/policy.jws': await signed(2, ours, CHANGED),
    })
    const map = join(folder, 'map')
    symlinkSync('..one', join(map, '..data'))
    symlinkSync(join('..data', 'policy.jws'), join(map, 'policy.jws'))
    const { untilSeen } = watchingSigned({ bundle: join(map, 'policy.jws'), keys: join(folder, 'keys.json') })
    await untilSeen(1)
    symlinkSync('..two', join(map, '..data_tmp'))
    renameSync(join(map, '..data_tmp'), join(map, '..data'))
    expect(await untilSeen(2)).toEqual([1, 2])
  })

  test('where keys are given, a folder of plain policy is not taken for a policy', async () => {
    const folder = folderWith({
      'keys.json': jwks(ours),
      'signed.jws': await signed(5, ours),
      'plain/a.yaml': CHANGED,
    })
    const bundle = join(folder, 'policies')
    symlinkSync('signed.jws', bundle)
    const { untilSeen } = watchingSigned({ bundle, keys: join(folder, 'keys.json') })
    await untilSeen(1)
    symlinkSync('plain', join(folder, 'new'))
    renameSync(join(folder, 'new'), bundle)
    expect(await untilSeen(2)).toEqual([5, 'bundle-unsigned'])
  })

  test('and without keys, a bundle is not taken for a folder', async () => {
    const { bundle } = folderOf(jwks(ours), await signed(5, ours))
    expect(await watching({ directory: bundle }).untilSeen(1)).toEqual(['bad-policy'])
  })
})

describe('keys that change', () => {
  test('two are trusted while one is replaced; then the old one is not', async () => {
    const place = folderOf(jwks(ours), await signed(1, ours))
    const { untilSeen } = watchingSigned(place)
    await untilSeen(1)
    place.put(await signed(2, next, CHANGED))
    await untilSeen(2)
    place.trust(jwks(ours, next))
    await untilSeen(3)
    place.put(await signed(3, ours))
    await untilSeen(4)
    place.trust(jwks(next))
    await untilSeen(5)
    place.put(await signed(4, ours))
    await untilSeen(6)
    place.put(await signed(5, next))
    expect(await untilSeen(7)).toEqual([1, 'bundle-unknown-key', 2, 3, 'bundle-unknown-key', 'bundle-unknown-key', 5])
  })

  test('while the keys are unusable nothing new is taken, also not by the keys before', async () => {
    const place = folderOf(jwks(ours), await signed(1, ours))
    const { untilSeen } = watchingSigned(place)
    await untilSeen(1)
    place.trust('{"keys":[')
    await untilSeen(2)
    place.put(await signed(2, ours, CHANGED))
    await untilSeen(3)
    place.trust(jwks(ours))
    expect(await untilSeen(4)).toEqual([1, 'bundle-bad-keys', 'bundle-bad-keys', 2])
  })

  test('a trusted set that holds a private key or a secret is unusable as a whole', async () => {
    const secret = JSON.stringify({ keys: [ours.jwk, { kty: 'oct', k: 'AAAA' }] })
    expect(await watchingSigned(folderOf(secret, await signed(1, ours))).untilSeen(1)).toEqual(['bundle-bad-keys'])
  })
})

describe('after a restart', () => {
  test('without a record the floor is what is given', async () => {
    const place = folderOf(jwks(ours), await signed(5, ours))
    const first = watchingSigned(place)
    await first.untilSeen(1)
    first.stop()
    place.put(await signed(4, ours))
    expect(await watchingSigned(place).untilSeen(1)).toEqual([4])
    expect(await watchingSigned(place, 5).untilSeen(1)).toEqual(['bundle-older'])
    expect(await watchingSigned(place, 4).untilSeen(1)).toEqual([4])
  })

  test('with a record no older one is taken, and no other one of its number', async () => {
    const place = folderOf(jwks(ours), await signed(5, ours))
    const record = join(dirname(place.bundle), 'state', 'newest.json')
    mkdirSync(dirname(record))
    const run = async (text: string, count = 1) => {
      place.put(text)
      const run = watchingSigned(place, 0, record)
      const seen = [...(await run.untilSeen(count))]
      run.stop()
      return seen
    }
    expect(await run(await signed(5, ours))).toEqual([5])
    expect(JSON.parse(readFileSync(record, 'utf8'))).toMatchObject({ sequence: 5 })
    expect(await run(await signed(4, ours))).toEqual(['bundle-older'])
    expect(await run(await signed(5, ours, CHANGED))).toEqual(['bundle-other-content'])
    expect(await run(await signed(5, ours))).toEqual([5])
    expect(await run(await signed(6, stranger))).toEqual(['bundle-unknown-key'])
    expect(JSON.parse(readFileSync(record, 'utf8'))).toMatchObject({ sequence: 5 })
    expect(await run(await signed(6, ours))).toEqual([6])
    expect(await run(await signed(5, ours))).toEqual(['bundle-older'])
  })

  test.each(['', '{', '{"sequence":"5","hash":"x"}', '{"sequence":-1,"hash":"x"}', '[]', 'null'])(
    'a record that says %j lets nothing in',
    async (text) => {
      const place = folderOf(jwks(ours), await signed(5, ours))
      const record = `${place.bundle}.state`
      writeFileSync(record, text)
      expect(await watchingSigned(place, 0, record).untilSeen(1)).toEqual(['bundle-bad-state'])
    },
  )

  test('a record that cannot be read, but written over, lets nothing in', async () => {
    const place = folderOf(jwks(ours), await signed(5, ours))
    const record = `${place.bundle}.state`
    symlinkSync(record, record)
    expect(await watchingSigned(place, 0, record).untilSeen(1)).toEqual(['bundle-bad-state'])
  })

  test('a bundle that cannot be remembered is not in force, until it can', async () => {
    const place = folderOf(jwks(ours), await signed(5, ours))
    const record = join(dirname(place.bundle), 'state', 'newest.json')
    const { seen, untilSeen } = watchingSigned(place, 0, record)
    expect(await untilSeen(1)).toEqual(['bundle-bad-state'])
    mkdirSync(dirname(record))
    await untilSeen(2)
    expect(seen).toEqual(['bundle-bad-state', 5])
    expect(existsSync(record)).toBe(true)
  })

  test('a record that another program raised is minded', async () => {
    const place = folderOf(jwks(ours), await signed(5, ours))
    const record = `${place.bundle}.state`
    const { untilSeen } = watchingSigned(place, 0, record)
    await untilSeen(1)
    writeFileSync(record, '{"sequence":9,"hash":"x"}')
    place.put(await signed(8, ours))
    expect(await untilSeen(2)).toEqual([5, 'bundle-older'])
    expect(readFileSync(record, 'utf8')).toContain('9')
  })
})
