/** Changes that no test can see, and why: speed, order, and doubt that cannot arise. */
import type { Explanation } from './survivor.ts'

export const EXPLAINED: readonly Explanation[] = []
