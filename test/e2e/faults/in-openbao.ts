/** A fault of a sidecar whose secrets are in the lab's OpenBao, in a place of its own there. */
import { PlaceInOpenbao } from './place-in-openbao.ts'
import type { Scenario } from './scenario.ts'
import type { Stage, StageOptions } from './stage.ts'

export type AtPlace = (place: PlaceInOpenbao, stage: Stage) => Promise<void>

export type InOpenbao = Pick<Scenario, 'requests' | 'meanwhile'> & {
  /** What is done before its keytab is put in. */
  readonly begins?: (stage: Stage) => Promise<void>
  readonly breaks: AtPlace
  readonly mends: AtPlace
}

export function inOpenbao({ begins, breaks, mends, ...scenario }: InOpenbao): Scenario {
  const places = new WeakMap<Stage, PlaceInOpenbao>()
  const at = (stage: Stage) => known(places.get(stage))
  const stage: StageOptions = {
    async prepare(stage) {
      await begins?.(stage)
      const place = new PlaceInOpenbao(stage.world.lab, stage)
      places.set(stage, place)
      stage.atEnd(() => place.remove())
      return place.make(await stage.keytab())
    },
    token: (stage) => at(stage).token,
  }
  return {
    ...scenario,
    stage,
    breaks: (stage) => breaks(at(stage), stage),
    mends: (stage) => mends(at(stage), stage),
  }
}

export function known<T>(made: T | undefined): T {
  if (made === undefined) throw new Error('the stage has not been prepared')
  return made
}
