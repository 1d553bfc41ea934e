/** Every check that a pod must pass, whatever its identity: a parts list. */
import type { Check } from './check.ts'
import { containerRights } from './container-rights.ts'
import { nameResolution } from './name-resolution.ts'
import { reservedNames } from './reserved-names.ts'
import { sharedNamespaces } from './shared-namespaces.ts'
import { volumes } from './volumes.ts'

export const CHECKS: readonly Check[] = [sharedNamespaces, containerRights, volumes, reservedNames, nameResolution]
