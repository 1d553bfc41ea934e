/** How the checks of doctor are run: what hangs is given up, what throws is a finding, and what needs it is not tried. */
import { expect, test } from 'vitest'
import { type Checked, type Probes, runChecks } from '../../../src/cli/doctor/run-checks.ts'
import { CHECK_NAMES, CHECKS, type CheckName } from '../../../src/core/doctor/checks.ts'
import { isIll, ok } from '../../../src/core/doctor/finding.ts'
import { KerbsideError } from '../../../src/core/errors.ts'

type Loose = (known: object, signal: AbortSignal) => Promise<Checked<CheckName>>
const WELL: Loose = async () => ({ findings: [ok('well')], value: true as never })
const HANGS: Loose = () => new Promise(() => undefined)

const probes = (changes: Partial<Record<CheckName, Loose>> = {}) =>
  Object.fromEntries(CHECK_NAMES.map((name) => [name, changes[name] ?? WELL])) as unknown as Probes

const run = (changes: Partial<Record<CheckName, Loose>>, signal = new AbortController().signal) =>
  runChecks(probes(changes), { signal, onWaiting: () => {} })

const statesOf = (findings: Awaited<ReturnType<typeof run>>) =>
  Object.fromEntries(findings.map(({ check, state }) => [check, state]))

test('when all is well, each check is a finding, in the order of the table', async () => {
  const findings = await run({})
  expect(findings.map(({ check }) => check)).toEqual(CHECK_NAMES)
})

test('what hangs fails when its time is over, and says how long that was', async () => {
  const findings = await run({ keytab: HANGS })
  const keytab = findings.find(({ check }) => check === 'keytab')
  expect(keytab).toMatchObject({ state: 'fail', says: 'it did not end within 1 s' })
  expect(keytab?.ms).toBeGreaterThanOrEqual(CHECKS.keytab.withinMs)
})

test('what needs something that failed is not tried, and names what failed and not what lies between', async () => {
  const findings = await run({
    policy: async () => {
      throw new KerbsideError('broker-unreachable', 'the broker is away')
    },
  })
  expect(findings.find(({ check }) => check === 'policy')).toMatchObject({
    state: 'fail',
    says: 'the broker is away',
    code: 'broker-unreachable',
    advice: expect.stringContaining('NetworkPolicy'),
  })
  for (const { check, state, says } of findings) {
    if (!['settings', 'token', 'policy'].includes(check))
      expect([check, state, says]).toEqual([check, 'not-tried', 'needs policy'])
  }
})

test('what fails spoils nothing that does not need it', async () => {
  const findings = await run({ keytab: async () => ({ findings: [{ state: 'fail', says: 'no keytab' }] }) })
  expect(statesOf(findings)).toMatchObject({
    kdc: 'ok',
    tls: 'ok',
    names: 'ok',
    ticket: 'not-tried',
    namenode: 'not-tried',
  })
})

test('an exception of which nobody knew is a finding too', async () => {
  const findings = await run({ clock: () => Promise.reject(new TypeError('x is not a function')) })
  expect(findings.find(({ check }) => check === 'clock')).toMatchObject({ state: 'fail', code: 'internal' })
})

test('checks that need nothing of each other are under way at the same time', async () => {
  const seen: string[] = []
  const both = Promise.withResolvers<void>()
  const meets: Loose = async () => {
    seen.push('one')
    if (seen.length === 2) both.resolve()
    await both.promise
    return { findings: [ok('met')], value: true as never }
  }
  expect(statesOf(await run({ kdc: meets, tls: meets }))).toMatchObject({ kdc: 'ok', tls: 'ok' })
})

test('called off before it began, it does not say that all is well', async () => {
  const findings = await run({}, AbortSignal.abort())
  expect(findings.some(({ state }) => state === 'ok')).toBe(false)
  expect(isIll(findings)).toBe(true)
})

test('called off, what hangs is left and the rest is not tried', async () => {
  const stop = new AbortController()
  const running = run({ store: HANGS }, stop.signal)
  setTimeout(() => stop.abort(), 50)
  expect(statesOf(await running)).toMatchObject({ store: 'fail', keytab: 'not-tried', ticket: 'not-tried' })
})

test('a probe is given what it needs and nothing else', async () => {
  let given: readonly string[] = []
  const looks: Loose = async (known) => {
    given = Object.keys(known)
    return { findings: [], value: true as never }
  }
  await run({ ticket: looks })
  expect(given).toEqual(CHECKS.ticket.needs)
})
