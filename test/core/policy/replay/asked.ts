/** Recorded operations in a few words, for tests: of `quant-research` in `ml-quant`, allowed at noon of `NOW` by another bundle. */
import type { Asked } from '../../../../src/core/audit/asked.ts'
import { NOW } from '../bundle-of.ts'

type Given = {
  readonly identity?: string
  readonly team?: string
  readonly namespace?: string
  readonly at?: number
  readonly destination?: string
  readonly dataset?: string
  readonly parameters?: Asked['what']['parameters']
  readonly effect?: 'allow' | 'deny'
  readonly reason?: Asked['why']['reason']
  readonly bundle?: string
}

/** `asked('OPEN', '/data/market/x')`. A record of an operation that parameters decide has none unless they are given. */
export function asked(operation: string, path: string, given: Given = {}): Asked {
  const { identity = 'quant-research', team = 'quant', namespace = 'ml-quant', at = NOW } = given
  const { destination, dataset, parameters, effect = 'allow', bundle = 'sha256:then' } = given
  return {
    sidecar: 'pod-a',
    sequence: 7,
    at,
    who: { team, identity, namespace },
    what: {
      operation,
      path,
      ...(destination === undefined ? {} : { destination }),
      ...(dataset === undefined ? {} : { dataset }),
      ...(parameters === undefined ? {} : { parameters }),
    },
    why: { effect, reason: given.reason ?? (effect === 'allow' ? 'granted' : 'no-grant'), grants: [], bundle },
  }
}
