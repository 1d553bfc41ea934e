/** What doctor looks at, in the order of its screen: what each check needs of those before it, and how long it may take. */

type Row = {
  /** Checks that must have gone well before: where one did not, this one is not tried. */
  readonly needs: readonly string[]
  readonly withinMs: number
}

/** Each needs only what stands above it. */
export const CHECKS = {
  settings: { needs: [], withinMs: 1000 },
  token: { needs: ['settings'], withinMs: 1000 },
  policy: { needs: ['settings', 'token'], withinMs: 7000 },
  store: { needs: ['settings', 'policy'], withinMs: 9000 },
  keytab: { needs: ['policy', 'store'], withinMs: 1000 },
  authority: { needs: ['store'], withinMs: 1000 },
  hadoop: { needs: ['store'], withinMs: 1000 },
  names: { needs: ['policy'], withinMs: 6000 },
  kdc: { needs: ['policy'], withinMs: 6000 },
  clock: { needs: ['kdc'], withinMs: 1000 },
  ticket: { needs: ['settings', 'policy', 'keytab', 'kdc'], withinMs: 13_000 },
  tls: { needs: ['policy', 'authority'], withinMs: 6000 },
  namenode: { needs: ['settings', 'policy', 'authority', 'ticket', 'tls'], withinMs: 13_000 },
  datanode: { needs: ['settings', 'authority', 'namenode'], withinMs: 7000 },
} as const satisfies Record<string, Row>

export type CheckName = keyof typeof CHECKS
export type NeedsOf<C extends CheckName> = (typeof CHECKS)[C]['needs'][number]

export const CHECK_NAMES = Object.keys(CHECKS) as readonly CheckName[]

/** However much hangs, doctor has ended by then. */
export const ALL_WITHIN_MS = 60_000

/** How long it takes until a check has ended, when it and all that it waits for take as long as they may. */
export function longestMs(check: CheckName): number {
  const { needs, withinMs }: Row = CHECKS[check]
  return withinMs + Math.max(0, ...needs.map((need) => longestMs(need as CheckName)))
}
