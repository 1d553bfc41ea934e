/**
 * What a sidecar looked like in versions before this one. Pods that those injected still run when the broker is a newer one, and
 * while webhooks are replaced each judges what the other made: all of these are ours as well. It is a closed list in code, to which
 * no pod and no setting adds. A form goes when no version makes it any more, and at once when it was a hole. As they stood in pods
 * they are kept in test/fixtures/sidecar-forms, which a changed sidecar must add to.
 */
import { type JsonObject, objectsAt, textAt } from './json.ts'

const without =
  (names: ReadonlySet<string>) =>
  (container: JsonObject): JsonObject => ({
    ...container,
    env: objectsAt(container, 'env').filter((variable) => !names.has(textAt(variable, 'name') ?? '')),
  })

/** Each makes, of the sidecar of this version, the one of an earlier. */
const EARLIER: readonly ((container: JsonObject) => JsonObject)[] = [
  // Before memory that streams took was given back.
  without(new Set(['MALLOC_ARENA_MAX', 'MALLOC_MMAP_THRESHOLD_', 'MALLOC_TRIM_THRESHOLD_'])),
]

/** The sidecar of this version first; the others only as they are asked for, which is seldom. */
export function* formsOf(container: JsonObject): Generator<JsonObject> {
  yield container
  for (const form of EARLIER) yield form(container)
}
