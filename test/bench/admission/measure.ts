/** The same pods created at the same API server with nothing, with two calls that do nothing, with two that give our patch, with Kerbside and with vault-k8s, in turns. Runs inside a lab. */
import { kubernetes } from '../../lab/kubernetes.ts'
import { attach } from '../../lab/lab.ts'
import { type Figures, NAMESPACE, type Writers, writersOf } from './burst.ts'
import { type Injector, nothing } from './injector.ts'
import { kerbside } from './kerbside.ts'
import { twoCalls } from './two-calls.ts'
import { vaultK8s } from './vault-k8s.ts'

export type Measured = Figures & {
  readonly readyMs: number
  readonly peakMiB: number
  /** One pod after another, by one writer. */
  readonly aloneMs: number
}

export type AdmissionFigures = Readonly<Record<Kind, Measured>>

const KINDS = ['nothing', 'twoCalls', 'ourPatch', 'kerbside', 'vaultK8s'] as const
type Kind = (typeof KINDS)[number]
const ROUNDS = 3
/** A gang that is started at once: pods, and connections that create them. */
const GANG = { pods: 1028, writers: 64 }
const ALONE = { pods: 100, writers: 1 }
/** The API server has code and caches to warm as well, and they are not what is measured. */
const WARM = { pods: 256, writers: 64 }

export async function measureAdmission(): Promise<AdmissionFigures> {
  const lab = attach()
  if (lab === undefined) throw new Error('this runs inside a lab')
  const { apply, namespace } = kubernetes(lab.folder)
  await namespace(NAMESPACE)
  await apply([{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'trainer', namespace: NAMESPACE } }])
  const writers = writersOf(lab, GANG.writers)
  try {
    await writers.create({ name: 'warm', ...WARM }, undefined)
    await writers.clear()
    const kinds: Readonly<Record<Kind, () => Promise<Injector>>> = {
      nothing: async () => nothing,
      twoCalls: () => twoCalls(lab, false),
      ourPatch: () => twoCalls(lab, true),
      kerbside: () => kerbside(lab),
      vaultK8s: () => vaultK8s(lab),
    }
    const found: Record<Kind, Measured[]> = { nothing: [], twoCalls: [], ourPatch: [], kerbside: [], vaultK8s: [] }
    for (let number = 0; number < ROUNDS; number += 1) {
      for (const kind of KINDS) {
        const measured = await round(`${kind.toLowerCase()}-${number}`, await kinds[kind](), writers)
        console.error(`round ${number + 1} of ${ROUNDS}, ${kind}: ${inOneLine(measured)}`)
        found[kind].push(measured)
      }
    }
    return {
      nothing: middle(found.nothing),
      twoCalls: middle(found.twoCalls),
      ourPatch: middle(found.ourPatch),
      kerbside: middle(found.kerbside),
      vaultK8s: middle(found.vaultK8s),
    }
  } finally {
    writers.close()
  }
}

const inOneLine = (measured: Measured): string =>
  Object.entries(measured)
    .map(([name, value]) => `${name} ${Number(value.toFixed(1))}`)
    .join(', ')

async function round(name: string, injector: Injector, writers: Writers): Promise<Measured> {
  const running = await injector.start()
  try {
    const gang = await writers.create({ name, ...GANG }, injector.sign)
    const alone = await writers.create({ name: `${name}-alone`, ...ALONE }, injector.sign)
    const peak = running.peakMiB()
    return { ...gang, readyMs: running.readyMs, peakMiB: peak, aloneMs: alone.medianMs }
  } finally {
    await running.stop()
    await writers.clear()
    await injector.remove()
  }
}

/** Each figure's median by itself, and every error that there was. */
function middle(rounds: readonly Measured[]): Measured {
  const of = (key: keyof Measured) => rounds.map((each) => each[key]).sort((one, other) => one - other)
  const median = (key: keyof Measured) => of(key)[Math.floor(rounds.length / 2)] ?? Number.NaN
  const sum = (key: keyof Measured) => of(key).reduce((one, other) => one + other, 0)
  return {
    seconds: median('seconds'),
    medianMs: median('medianMs'),
    p99Ms: median('p99Ms'),
    readyMs: median('readyMs'),
    peakMiB: median('peakMiB'),
    aloneMs: median('aloneMs'),
    bare: sum('bare'),
    errors: sum('errors'),
  }
}
