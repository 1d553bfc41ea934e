/** The rows of admission, as they are printed. */
import { header, ratio, say, sayGoal } from '../row.ts'
import type { EvaluateFigures } from './evaluate.ts'
import type { AdmissionFigures } from './measure.ts'

export function sayEvaluate({ plainMicros, largeMicros }: EvaluateFigures): void {
  header('admission, the one function')
  sayGoal('evaluate, a plain pod', plainMicros, 30, 'µs', 1)
  sayGoal('evaluate, a pod with 2,000 environment variables', largeMicros, 150, 'µs', 1)
}

export function sayAdmission({ nothing, twoCalls, ourPatch, kerbside, vaultK8s }: AdmissionFigures): void {
  header('admission, 1,028 pods by 64 writers, cold')
  const beside = (what: string, ours: number, theirs: number, unit: string, whose: string) =>
    say({
      what,
      ours: `${ours.toFixed(1)} ${unit}`,
      beside: `${theirs.toFixed(1)} ${unit} ${whose}`,
      ratio: ratio(ours, theirs),
    })
  const [without, floor, patched, peer] = [
    'without us',
    'two calls for nothing',
    'two calls for our patch',
    'vault-k8s',
  ]
  beside('until the last is there', kerbside.seconds, nothing.seconds, 's', without)
  beside('until the last is there', kerbside.seconds, twoCalls.seconds, 's', floor)
  beside('until the last is there', kerbside.seconds, ourPatch.seconds, 's', patched)
  beside('until the last is there', kerbside.seconds, vaultK8s.seconds, 's', peer)
  beside('one of them, p50', kerbside.medianMs, nothing.medianMs, 'ms', without)
  beside('one of them, p99', kerbside.p99Ms, nothing.p99Ms, 'ms', without)
  beside('one of them, p99', kerbside.p99Ms, twoCalls.p99Ms, 'ms', floor)
  beside('one of them, p99', kerbside.p99Ms, vaultK8s.p99Ms, 'ms', peer)
  beside('by one writer, p50', kerbside.aloneMs, nothing.aloneMs, 'ms', without)
  beside('by one writer, p50', kerbside.aloneMs, twoCalls.aloneMs, 'ms', floor)
  beside('by one writer, p50', kerbside.aloneMs, ourPatch.aloneMs, 'ms', patched)
  sayGoal('by one writer, added p50', kerbside.aloneMs - nothing.aloneMs, 3, 'ms', 1)
  sayGoal('wall clock of two calls for nothing, by that without us', twoCalls.seconds / nothing.seconds, 2, '×', 2)
  sayGoal('wall clock by that without us', kerbside.seconds / nothing.seconds, 2, '×', 2)
  sayGoal('one replica, most memory at once', kerbside.peakMiB, 120, 'MiB')
  beside('one replica, most memory at once', kerbside.peakMiB, vaultK8s.peakMiB, 'MiB', peer)
  sayGoal('from its start to ready', kerbside.readyMs, 1000, 'ms')
  beside('from its start to ready', kerbside.readyMs, vaultK8s.readyMs, 'ms', peer)
  const none = (what: string, ours: number, theirs: number) =>
    say({ what, ours: String(ours), beside: `goal 0; ${theirs} ${peer}`, ratio: '' })
  none('created without what was to be injected', kerbside.bare, vaultK8s.bare)
  none('answers that were errors', kerbside.errors, vaultK8s.errors)
}
