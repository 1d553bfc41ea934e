/** Every lint rule, in the order of the README. A new one is a line here, and a row there by `UPDATE_DOCS=1`. */
import { allowDenied, covered, coveredDeny } from './covered.ts'
import { anyNamespace, defaultAccount, inShadow, insecureHttp, rootPrefix, unprotected } from './exposure.ts'
import { expired, expiresSoon, neverOpen } from './hours.ts'
import { rareLabel, unknownLabel } from './labels.ts'
import { nobodyThere, selectsNothing } from './nobody.ts'
import { foreignGrant, overlap } from './owners.ts'
import { contradiction, namespaceOfNobody } from './pods.ts'
import { unexplainedDeny, unexplainedPower } from './reasons.ts'
import { implied, repeated } from './repeated.ts'
import type { Rule } from './rule.ts'
import { misleading, notNfc } from './spelling.ts'
import { subPathElsewhere } from './sub-paths.ts'
import { idleDelegation, idleIdentity, unreadDataset, untestedTeam } from './unused.ts'
import { podsOfTwoTeams, sharedKeytab } from './walls.ts'

export const RULES: readonly Rule[] = [
  // Grants that never apply, in whole or in part.
  nobodyThere,
  selectsNothing,
  subPathElsewhere,
  neverOpen,
  namespaceOfNobody,
  contradiction,
  // Grants that others make needless.
  allowDenied,
  covered,
  coveredDeny,
  implied,
  repeated,
  // Grants and time.
  expired,
  expiresSoon,
  // What leads to nothing.
  unreadDataset,
  idleIdentity,
  idleDelegation,
  untestedTeam,
  // Labels and names.
  unknownLabel,
  rareLabel,
  notNfc,
  misleading,
  // Whose data it is.
  overlap,
  foreignGrant,
  sharedKeytab,
  podsOfTwoTeams,
  // What a reviewer will ask about.
  unexplainedDeny,
  unexplainedPower,
  anyNamespace,
  defaultAccount,
  rootPrefix,
  unprotected,
  inShadow,
  insecureHttp,
]

/** The sentence of each code. */
export const ABOUT: ReadonlyMap<string, string> = new Map(RULES.map(({ code, sentence }) => [code, sentence]))
