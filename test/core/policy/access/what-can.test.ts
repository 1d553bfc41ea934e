/** What can is complete: what it says of a path, in any moment and pod, is what is decided there. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allowedIn, bit } from '../../../../src/core/policy/access/situations.ts'
import { type Holdings, whatCan } from '../../../../src/core/policy/access/what-can.ts'
import type { Bundle } from '../../../../src/core/policy/bundle.ts'
import { bundleOf, NOW } from '../bundle-of.ts'
import { bundle } from '../decision/near-misses.ts'
import { crowdedIn, everywhere } from './everywhere.ts'

const UPROOTING = ['delete', 'setattr', 'acl', 'admin']
const of = (given: Bundle) => whatCan(given, [...given.identities.values()], { from: NOW - 1 })
const entryOf = (all: readonly Holdings[], identity: string) =>
  all.find((one) => (one.identity === undefined ? identity.startsWith(`${one.team}-`) : one.identity === identity))

test('what it says of a path is what is decided there', () => {
  let [allowed, denied] = [0, 0]
  fc.assert(
    fc.property(bundle, (given) => {
      const all = of(given)
      const wrong: unknown[] = []
      everywhere(
        [given],
        crowdedIn([given]),
        (one) => {
          const { identity, action, path, time, pod, answers } = one
          const around = entryOf(all, identity)?.places.filter(
            (place) => place.path === '/' || path === place.path || path.startsWith(`${place.path}/`),
          )
          const place = around?.at(-1)
          const situation = { moment: { time, from: time, until: time }, pod }
          const isRoot = place?.isProtected === true && place.path === path && UPROOTING.includes(action)
          const rule = place?.allowed.some(({ actions }) => actions.includes(action)) === true
          const says = place !== undefined && rule && !isRoot && (allowedIn(place.reach, situation) & bit(action)) !== 0
          const isGranted = answers[0]?.effect === 'allow' && answers[0].reason === 'granted'
          if (says !== isGranted) wrong.push(one)
          if (isGranted) allowed += 1
          else denied += 1
        },
        ['this'],
      )
      expect(wrong.slice(0, 1)).toEqual([])
    }),
    { numRuns: 20 },
  )
  expect(Math.min(allowed, denied)).toBeGreaterThan(100)
})

test('one line says what may be done in a whole dataset, and another where it ends', () => {
  const given = bundleOf({ market: { prefixes: ['/data/market'] }, secret: { prefixes: ['/data/market/secret'] } }, [
    { datasets: ['market'], actions: ['stat', 'list', 'read'] },
    { datasets: ['secret'], actions: ['read'], effect: 'deny' },
  ])
  const [quant] = whatCan(given, [...given.identities.values()], { from: NOW })
  expect(quant).toMatchObject({ team: 'quant', cluster: 'lab' })
  expect(quant?.places).toMatchObject([
    {
      path: '/data/market',
      isProtected: false,
      allowed: [{ actions: ['stat', 'list', 'read'], when: 'always' }],
      denied: [],
    },
    { path: '/data/market/secret', allowed: [], denied: [{ actions: ['read'], when: 'always' }] },
  ])
})
