/** A denial, replayed under today's policy, with the line to change. */
import type { Asked } from '../../../core/audit/asked.ts'
import { editLines } from '../../../core/policy/answers/edit-lines.ts'
import type { Edit } from '../../../core/policy/answers/remedy.ts'
import { remedy } from '../../../core/policy/answers/remedy.ts'
import type { Bundle } from '../../../core/policy/bundle.ts'
import { compile } from '../../../core/policy/compile.ts'
import { judge, type Ruling } from '../../../core/policy/decision/judge.ts'
import { policyOver } from '../../../core/policy/decision/policy-over.ts'
import { putting } from '../../../core/policy/replay/put.ts'
import { questionsOf } from '../../../core/policy/replay/question.ts'
import type { Denial, DenialAsked, Fix, Today } from '../denial.ts'
import type { Item } from '../item.ts'
import type { Scope } from '../scope.ts'
import type { Asking } from '../store/database.ts'
import { itemsOf } from './one.ts'

/** Nothing where there is no such record, or it is no operation that was refused. */
export async function denial(
  asking: Asking,
  { sidecar, sequence }: DenialAsked,
  around: { readonly scope: Scope; readonly now: number; readonly bundle: Bundle | undefined },
): Promise<Denial | undefined> {
  const { scope, now, bundle } = around
  const [item] = await itemsOf(asking, { sidecar, from: sequence, to: sequence }, scope)
  const asked = item === undefined ? undefined : askedOf(item)
  if (item === undefined || asked?.why.effect !== 'deny') return undefined
  return { item, ...(bundle === undefined ? {} : { today: todayOf(bundle, asked, now) }) }
}

/** Nothing for what is no start of an operation. */
function askedOf({ at, sidecar, sequence, who, what, why }: Item): Asked | undefined {
  return what === undefined || why === undefined ? undefined : { at, sidecar, sequence, who, what, why }
}

function todayOf(bundle: Bundle, asked: Asked, now: number): Today {
  const { effect, reason, grants, dependsOn } = putting(bundle, now)(asked)
  const edits = effect === 'deny' ? editsFor(bundle, asked, now) : undefined
  return {
    bundle: bundle.hash,
    isSame: bundle.hash === asked.why.bundle,
    effect,
    reason,
    grants: grants.map(({ name, at }) => `${name}@${at}`),
    ...(dependsOn === undefined ? {} : { dependsOn }),
    ...(edits === undefined ? {} : { fix: edits.map(fixOf) }),
  }
}

function editsFor(bundle: Bundle, asked: Asked, now: number): readonly Edit[] | undefined {
  const { who } = asked
  const identity = bundle.identities.get(who.identity)
  if (identity === undefined) return undefined
  const { most } = questionsOf(asked)
  const judgeIn = (edited: Bundle): Ruling => {
    const slice = compile(edited, who.identity, { namespace: who.namespace })
    if (slice === undefined) return { effect: 'deny', reason: 'unknown-identity', grants: [], decisions: [] }
    return judge(policyOver(slice), most, now)
  }
  return judgeIn(bundle).decisions.length === 0 ? undefined : remedy(bundle, identity, judgeIn)
}

function fixOf(edit: Edit): Fix {
  const at = 'grant' in edit ? edit.grant.at : edit.kind === 'unprotect' ? edit.dataset.at : undefined
  return { kind: edit.kind, ...(at === undefined ? {} : { at }), lines: editLines(edit).map((line) => line.trim()) }
}
