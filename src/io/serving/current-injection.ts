/** The injection with the authorities of now: made anew only when they change. */
import { type Injection, type InjectionFile, toInjection } from '../../core/identity/injection.ts'
import type { Authorities } from './serving.ts'

export function currentInjection(file: InjectionFile, authorities: () => Authorities): () => Injection {
  let madeOf: Authorities | undefined
  let made: Injection | undefined
  return () => {
    const now = authorities()
    if (made === undefined || now !== madeOf) made = toInjection(file, now.given, now.known)
    madeOf = now
    return made
  }
}
