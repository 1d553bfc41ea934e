/** What becomes of a secret store that is broken: the same for all that are reached over the network, at each of their steps. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { ErrorCode } from '../../../src/core/errors.ts'
import type { SecretStore } from '../../../src/io/secret-store.ts'
import { BINARY, REF, refusal, shown } from './contract.ts'
import { type Fault, type LoopbackService, newAuthority } from './loopback-service.ts'

export type BreakableStore = {
  readonly service: () => LoopbackService
  /** A store that uses the service; with another CA, one that does not trust it. */
  readonly store: (ca?: string) => SecretStore
  /** The requests of which a login and a fetch are made, each as what it matches. */
  readonly steps: Readonly<Record<string, RegExp>>
  readonly tokenFile: string
  /** What a login answers with. */
  readonly loginSecrets: readonly string[]
}

const answer =
  (status: number, body: string, headers: Record<string, string> = {}): Fault =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)

/** Says what it was asked, as any part of an error that we know of. */
const echo: Fault = (response, { headers, body }) => {
  const said = JSON.stringify({ headers, body })
  const errors = { errors: [said], error: { code: said, status: said, message: said }, message: said, __type: said }
  answer(400, JSON.stringify({ ...errors, error_description: said, Code: said }))(response, {} as never)
}

const FAULTS: Readonly<Record<string, readonly [Fault, ...ErrorCode[]]>> = {
  'says 500': [answer(500, '{"error":"broken"}'), 'secret-unavailable'],
  'says 503, as a sealed one does': [answer(503, '{"errors":["Vault is sealed"]}'), 'secret-unavailable'],
  'says 429': [answer(429, '{}', { 'retry-after': '0' }), 'secret-unavailable'],
  'leads elsewhere': [answer(307, '', { location: 'https://elsewhere.example/' }), 'secret-unavailable'],
  'answers something else than JSON': [answer(200, '<html>canary of a proxy'), 'secret-malformed'],
  // A login of several steps may come to its end only at the next one.
  'answers JSON without anything in it': [answer(200, '{}'), 'secret-malformed', 'secret-unauthenticated'],
  'answers null': [answer(200, 'null'), 'secret-malformed', 'secret-not-found'],
  'ends in the middle of an answer': [
    (response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"canary":', () => response.destroy())
    },
    'secret-unavailable',
  ],
  'answers without end': [
    (response) => {
      response.writeHead(200)
      const more = () => {
        while (response.writable && response.write(Buffer.alloc(1 << 20, 'canary')));
      }
      response.on('drain', more).on('error', () => undefined)
      more()
    },
    'secret-unavailable',
  ],
  'repeats what it was asked': [
    echo,
    ...(['secret-unauthenticated', 'secret-unavailable', 'secret-malformed', 'secret-forbidden'] as const),
  ],
}

/** The secret {@link REF} with {@link BINARY} must be there. */
export function bearsFaults({ service, store, steps, tokenFile, loginSecrets }: BreakableStore): void {
  const never = () => new AbortController().signal
  const secrets = () => [
    ...shown(BINARY),
    ...loginSecrets,
    readFileSync(tokenFile, 'utf8').trim(),
    'canarycanarycanary',
  ]
  const cases = Object.entries(steps).flatMap(([step, where]) =>
    Object.entries(FAULTS).map(([what, [fault, ...codes]]) => ({ step, where, what, fault, codes })),
  )

  test.each(cases)('$step: it $what', async ({ where, fault, codes }) => {
    const one = store()
    service().breaks(where, fault)
    const before = service().seen.length
    const { code, message } = await refusal(one.fetch(REF, never()), secrets())
    expect(codes, message).toContain(code)
    expect(message).not.toMatch(/canary|\n/)
    // Trying again is the business of who waits longer each time, so nothing here does.
    expect(
      service()
        .seen.slice(before)
        .filter((asked) => where.test(asked.split(' ')[1] ?? '')).length,
    ).toBe(1)
    service().heals()
    expect((await one.fetch(REF, never())).bytes.length).toBe(BINARY.length)
    await one.close()
  })

  test.each(Object.entries(steps))('%s: it stays silent, and the caller ends it', async (_, where) => {
    const one = store()
    const asked = new Promise<void>((resolve) => service().breaks(where, () => resolve()))
    const caller = new AbortController()
    const waiting = refusal(one.fetch(REF, caller.signal), secrets())
    await asked
    caller.abort()
    expect((await waiting).code).toBe('secret-unavailable')
    service().heals()
    expect((await one.fetch(REF, never())).bytes.length).toBe(BINARY.length)
    await one.close()
  })

  test('it is of another CA: nothing is sent to it', async () => {
    const before = service().seen.length
    const other = store((await newAuthority()).certificatePem)
    const { code, message } = await refusal(other.fetch(REF, never()), secrets())
    expect(code).toBe('secret-unavailable')
    expect(message).toContain('certificate is not accepted')
    expect(service().seen.length).toBe(before)
    await other.close()
  })
}
