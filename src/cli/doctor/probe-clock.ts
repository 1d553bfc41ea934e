/** How far the clock of each KDC is from ours, by what the KDCs said. */

import { duration } from '../../core/doctor/duration.ts'
import { notTried, ok, type Said } from '../../core/doctor/finding.ts'
import type { Checked, Known } from './run-checks.ts'

/** Kerberos allows so much (`clockskew`). */
const SKEW_MS = 300_000
const WORTH_SAYING_MS = 30_000

export async function clockProbe({ kdc }: Known<'clock'>): Promise<Checked<'clock'>> {
  const times = kdc.flatMap(({ kdc: name, aheadMs }) => (aheadMs === undefined ? [] : [{ name, aheadMs }]))
  const [first, ...others] = times.toSorted((one, other) => Math.abs(other.aheadMs) - Math.abs(one.aheadMs))
  if (first === undefined) return { findings: [notTried('no KDC says its time')], value: true }
  return { findings: [lookAtOffset(first.aheadMs, others.length === 0 ? 'the KDC' : first.name)], value: true }
}

function lookAtOffset(aheadMs: number, who: string): Said {
  const off = Math.abs(aheadMs)
  if (off <= WORTH_SAYING_MS) return ok(`as that of ${who}, to ${off < 2000 ? '2 s' : duration(off)}`)
  const says = `${who} is ${duration(off)} ${aheadMs > 0 ? 'ahead of' : 'behind'} us; Kerberos allows 5 min`
  const advice = 'set the clock of the node, by NTP: tickets, tokens and certificates all go by it'
  return { state: off > SKEW_MS ? 'fail' : 'warn', says, advice }
}
