/** Some seconds of fire over many connections; ended at once when something gets past. */
import type { Shot } from './grammar/shot.ts'
import type { Siege, Violation } from './siege.ts'
import { Gun, type Volley } from './volley.ts'

export type Batch = { readonly fired: readonly Volley[]; readonly violations: readonly Violation[] }

const SOCKETS = 64

/** @param ends as `performance.now()` tells time */
export async function fireBatch(siege: Siege, next: () => readonly Shot[], ends: number): Promise<Batch> {
  const fired: Volley[] = []
  const violations: Violation[] = []
  const fireOn = async () => {
    const gun = new Gun(siege.gateway.port)
    while (performance.now() < ends && violations.length === 0 && !siege.isBreached) {
      const volley = await gun.fire(next())
      fired.push(volley)
      const violation = siege.look(volley)
      if (violation !== undefined) violations.push(violation)
    }
    gun.close()
  }
  await Promise.all(Array.from({ length: SOCKETS }, fireOn))
  await siege.settle()
  violations.push(...(await siege.takeViolations(true)))
  return { fired, violations }
}
