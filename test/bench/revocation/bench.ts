/** `npm run bench -- revocation`: a policy that changes, with a thousand sidecars watching and beside it with one. */
import { join } from 'node:path'
import { measureApart } from '../apart.ts'
import { LARGE, type LargePolicy } from '../large-policy.ts'
import { header, ratio, say, sayGoal } from '../row.ts'
import type { Revoked, Wanted } from './measure.ts'

const SIDECARS = 1000
const GOAL_MS = 2000
const SIZES: readonly LargePolicy[] = [{ teams: 20, datasets: 200, grants: 400 }, LARGE]

export async function benchRevocation(): Promise<void> {
  for (const size of SIZES) {
    header(
      `a policy file is saved; ${size.datasets.toLocaleString('en-US')} datasets, ${SIDECARS} sidecars (beside: 1)`,
    )
    const one = await measured({ sidecars: 1, size, rounds: 5 })
    const many = await measured({ sidecars: SIDECARS, size, rounds: 5 })
    for (const share of [0.5, 0.99])
      sayBeside(`slice is there, p${share * 100}`, at(many.slices, share), at(one.slices, share))
    sayBeside('slice is there, the last', at(many.slices, 1), at(one.slices, 1))
    sayBeside('an open read is cut, p50', at(many.cuts, 0.5), at(one.cuts, 0.5))
    sayGoal('an open read is cut, the slowest', at(many.cuts, 1), GOAL_MS, 'ms')
  }
}

const measured = (wanted: Wanted): Promise<Revoked> =>
  measureApart<Revoked>(join(import.meta.dirname, 'measure.ts'), 'measureRevocation', wanted)

const at = (rising: readonly number[], share: number): number =>
  rising[Math.min(rising.length - 1, Math.floor(rising.length * share))] ?? Number.NaN

const sayBeside = (what: string, many: number, one: number): void =>
  say({ what, ours: `${many.toFixed(0)} ms`, beside: `${one.toFixed(0)} ms`, ratio: ratio(many, one) })
