/** An edit that would allow a refused operation, as lines of a policy file that a person can type. */
import { printable } from '../../audit/printable.ts'
import type { Edit } from './remedy.ts'

/** The first says where, the others what. What strangers wrote is made printable. */
export function editLines(edit: Edit): readonly string[] {
  switch (edit.kind) {
    case 'add-action':
      return [`  ${edit.grant.at}  in grant \`${edit.grant.name}\`, add \`${edit.action}\` to \`actions\``]
    case 'new-grant': {
      const { dataset, action, team } = edit
      const where =
        dataset.at === 'proposed'
          ? 'a new grant on it'
          : `a new grant, by team \`${dataset.owner}\` which owns \`${dataset.name}\` (${dataset.at})`
      return [`  ${where}`, ...grantText(team, action, dataset.name)]
    }
    case 'new-dataset':
      return [
        `  a new dataset, since none of cluster \`${edit.cluster}\` covers the path`,
        '    kind: Dataset',
        `    metadata: { name: ${edit.name} }`,
        `    spec: { cluster: ${edit.cluster}, owner: ${edit.team}, prefixes: [${printable(edit.path)}] }`,
      ]
    case 'move-expiry':
      return [`  ${edit.grant.at}  in grant \`${edit.grant.name}\`, move \`expires\``]
    case 'drop-times':
      return [`  ${edit.grant.at}  in grant \`${edit.grant.name}\`, change \`when.during\` or \`starts\`; or wait`]
    case 'narrow-deny':
      return [
        `  ${edit.grant.at}  in grant \`${edit.grant.name}\`, take \`${edit.action}\` out of the deny: no allow lifts it`,
        ...(edit.grant.reason === undefined
          ? []
          : [`    it stands there because ${printable(edit.grant.reason, 200)}`]),
      ]
    case 'unprotect':
      return [
        `  ${edit.dataset.at}  in dataset \`${edit.dataset.name}\`, write \`protect: false\`; or work below its root`,
      ]
    default:
      return edit satisfies never
  }
}

const grantText = (team: string, action: string, dataset: string): readonly string[] => [
  '    kind: Grant',
  `    metadata: { name: ${team}-${action}-${dataset} }`,
  `    spec: { effect: allow, teams: [${team}], datasets: [${dataset}], actions: [${action}] }`,
]
