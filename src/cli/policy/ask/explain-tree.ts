/** A ruling drawn as a small tree: each demand, the dataset it falls into, and every grant that was considered. */
import { printable } from '../../../core/audit/printable.ts'
import { type Asking, type Considered, considered, ownerOf } from '../../../core/policy/answers/considered.ts'
import type { Bundle } from '../../../core/policy/bundle.ts'
import type { Decision } from '../../../core/policy/decision/decision.ts'
import type { Demand } from '../../../core/policy/decision/demand.ts'
import type { Ruling } from '../../../core/policy/decision/judge.ts'
import { REASONS } from '../../../core/reasons.ts'
import type { Terminal } from '../../terminal.ts'

type Branch = { readonly text: string; readonly below: readonly Branch[] }

export function explainTree(bundle: Bundle, asking: Asking, ruling: Ruling, { paint }: Terminal): readonly string[] {
  const effect = (said: 'allow' | 'deny') => paint(said === 'allow' ? 'green' : 'red', said)

  function demandBranch({ demand, effect: said, reason, dataset: name }: Decision): Branch {
    const owner = ownerOf(bundle, asking.identity.cluster, demand.path)
    const decided = name === undefined ? undefined : bundle.datasets.get(name)
    const place =
      owner === undefined
        ? { text: `in no dataset of cluster ${asking.identity.cluster}`, below: [] }
        : {
            text: `in dataset ${owner.dataset.name}  ${at(owner.dataset)}`,
            below: grantBranches(considered(bundle, asking, demand)),
          }
    const deeper =
      decided === undefined || decided === owner?.dataset
        ? []
        : [
            {
              text: `reaches into dataset ${decided.name}  ${at(decided)}`,
              below: grantBranches(considered(bundle, asking, { ...demand, path: decided.prefixes[0] ?? demand.path })),
            },
          ]
    return {
      text: `${effect(said)}  ${demand.action} ${reachOf(demand)}  ${paint('dim', reason)}`,
      below: [place, ...deeper],
    }
  }

  function grantBranches(grants: readonly Considered[]): readonly Branch[] {
    if (grants.length === 0) return [{ text: paint('dim', `no grant to team ${asking.identity.team}`), below: [] }]
    const width = Math.max(...grants.map(({ grant }) => grant.name.length))
    return grants.map(({ grant, applies, why }) => {
      const mark = applies ? (grant.effect === 'allow' ? paint('green', '✓') : paint('red', '✗')) : paint('dim', '·')
      const because =
        grant.effect === 'deny' && grant.reason !== undefined && applies ? `, because ${grant.reason}` : ''
      return {
        text: `${mark} ${grant.name.padEnd(width)}  ${at(grant)}  ${paint('dim', printable(why + because, 200))}`,
        below: [],
      }
    })
  }
  const at = (written: { readonly at: string }): string => paint('dim', written.at)

  const decided = ruling.decisions.map(demandBranch)
  const head = [`${effect(ruling.effect)}  ${ruling.reason}: ${REASONS[ruling.reason]}`]
  const shadow =
    ruling.shadow === undefined
      ? []
      : [
          `${paint('yellow', 'in shadow')}  ${ruling.shadow.effect}  ${ruling.shadow.reason}: ${REASONS[ruling.shadow.reason]}`,
        ]
  return [...head, ...shadow, ...draw(decided)]
}

export const reachOf = ({ path, scope }: Demand): string =>
  printable(scope === 'subtree' ? `${path === '/' ? '' : path}/**` : path)

function draw(branches: readonly Branch[], indent = ''): readonly string[] {
  return branches.flatMap(({ text, below }, index) => {
    const isLast = index === branches.length - 1
    return [`${indent}${isLast ? '└─' : '├─'} ${text}`, ...draw(below, `${indent}${isLast ? '   ' : '│  '}`)]
  })
}
