/** A pod as it stands when somebody got it past admission: with the sidecar in it, whatever else it holds. */
import { IDENTITY_LABEL } from '../../../src/core/identity/admission.ts'
import type { Injection } from '../../../src/core/identity/injection.ts'
import { inspectSidecar } from '../../../src/core/identity/inspect-sidecar.ts'
import type { Json, JsonObject } from '../../../src/core/identity/json.ts'
import { applyPatch } from '../../../src/core/identity/json-patch.ts'
import { planPatch } from '../../../src/core/identity/plan-patch.ts'
import { readPod } from '../../../src/core/identity/pod.ts'

export function withForcedSidecar(pod: JsonObject, { current }: Injection): JsonObject {
  const read = readPod(pod)
  const identity = read.labels.get(IDENTITY_LABEL) ?? ''
  const inspection = inspectSidecar(read, current, identity)
  const { patch } = planPatch(read, { spec: current, inspection, identity })
  return applyPatch(pod as Json, patch) as JsonObject
}
