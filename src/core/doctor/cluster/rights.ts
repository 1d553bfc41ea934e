/** Whether our service accounts may do more than the manifests give them: what they may, whoever gets into them may. */
import { type JsonObject, objectAt, objectsAt, textAt, textsAt } from '../../identity/json.ts'
import { ok, type Said } from '../finding.ts'
import { applyFile, type ClusterObjects, named, nameOf, namespaceOf, ofKind } from './objects.ts'

const APPLY = applyFile('10-access.yaml')

type Rights = Pick<ClusterObjects, 'roles' | 'clusterRoles' | 'roleBindings' | 'clusterRoleBindings'>

export function lookAtRights(expected: readonly JsonObject[], live: Rights, namespace: string): readonly Said[] {
  const said = [
    ...ofKind(expected, 'ClusterRole').flatMap((wanted) =>
      lookAtRole(wanted, named(live.clusterRoles, nameOf(wanted))),
    ),
    ...ofKind(expected, 'Role').flatMap((wanted) => lookAtRole(wanted, named(live.roles, nameOf(wanted)))),
    ...bindingsMissing(expected, live),
    ...bindingsBeside(expected, live, namespace),
  ]
  return said.length > 0 ? said : [ok('each of our service accounts has what the manifests give it, and no more')]
}

function lookAtRole(wanted: JsonObject, found: JsonObject | undefined): readonly Said[] {
  const about = nameOf(wanted)
  if (found === undefined) {
    return [{ state: 'fail', about, says: `there is no ${textAt(wanted, 'kind')} of that name`, advice: APPLY }]
  }
  const ours = objectsAt(wanted, 'rules')
  const more = objectsAt(found, 'rules').flatMap((rule) => beyond(rule, ours))
  const less = ours.flatMap((rule) => beyond(rule, objectsAt(found, 'rules')))
  const missing: Said = { state: 'fail', about, says: `it may not ${less.slice(0, MOST).join(', ')}`, advice: APPLY }
  const wider: Said = {
    state: 'fail',
    about,
    says: `it may more than ours: ${more.slice(0, MOST).join(', ')}`,
    advice: APPLY,
  }
  return [...(less.length === 0 ? [] : [missing]), ...(more.length === 0 ? [] : [wider])]
}

const MOST = 3

/** What a rule gives that none of the others gives: `list secrets`. */
function beyond(rule: JsonObject, others: readonly JsonObject[]): readonly string[] {
  const names = textsAt(rule, 'resourceNames')
  return textsAt(rule, 'apiGroups').flatMap((group) =>
    textsAt(rule, 'resources').flatMap((resource) =>
      textsAt(rule, 'verbs')
        .filter((verb) => !others.some((other) => gives(other, { group, resource, verb, names })))
        .map((verb) => `${verb} ${resource}${names.length === 0 ? '' : ` ${names.join(', ')}`}`),
    ),
  )
}

type Right = {
  readonly group: string
  readonly resource: string
  readonly verb: string
  readonly names: readonly string[]
}

function gives(rule: JsonObject, { group, resource, verb, names }: Right): boolean {
  const has = (key: string, value: string) => textsAt(rule, key).includes(value) || textsAt(rule, key).includes('*')
  const given = textsAt(rule, 'resourceNames')
  const hasNames = given.length === 0 || (names.length > 0 && names.every((name) => given.includes(name)))
  return has('apiGroups', group) && has('resources', resource) && has('verbs', verb) && hasNames
}

function bindingsMissing(expected: readonly JsonObject[], live: Rights): readonly Said[] {
  const wanted = [
    ...ofKind(expected, 'ClusterRoleBinding').map((binding) => ({ binding, among: live.clusterRoleBindings })),
    ...ofKind(expected, 'RoleBinding').map((binding) => ({ binding, among: live.roleBindings })),
  ]
  return wanted
    .filter(({ binding, among }) => named(among, nameOf(binding)) === undefined)
    .map(({ binding }) => ({ state: 'fail', about: nameOf(binding), says: 'it is bound to nobody', advice: APPLY }))
}

/** A Role for Secrets that the broker hands out is meant so; anything for the whole cluster is not. */
function bindingsBeside(expected: readonly JsonObject[], live: Rights, namespace: string): readonly Said[] {
  const ours = new Set(ofKind(expected, 'ServiceAccount').map(nameOf))
  const known = new Set([...ofKind(expected, 'ClusterRoleBinding'), ...ofKind(expected, 'RoleBinding')].map(nameOf))
  const isBeside = (binding: JsonObject) =>
    !known.has(nameOf(binding)) &&
    objectsAt(binding, 'subjects').some(
      (subject) =>
        textAt(subject, 'kind') === 'ServiceAccount' &&
        textAt(subject, 'namespace') === namespace &&
        ours.has(textAt(subject, 'name') ?? ''),
    )
  const role = (binding: JsonObject) => textAt(objectAt(binding, 'roleRef'), 'name') ?? ''
  return [
    ...live.clusterRoleBindings.filter(isBeside).map(
      (binding): Said => ({
        state: 'fail',
        about: nameOf(binding),
        says: `it gives one of our service accounts the ClusterRole \`${role(binding)}\` as well, everywhere`,
        advice: `kubectl delete clusterrolebinding ${nameOf(binding)}`,
      }),
    ),
    ...live.roleBindings.filter(isBeside).map(
      (binding): Said => ({
        state: 'warn',
        about: nameOf(binding),
        says: `it gives one of our service accounts \`${role(binding)}\` in \`${namespaceOf(binding)}\``,
        advice: 'right for Secrets that the broker hands out, each by its resourceName; else take it away',
      }),
    ),
  ]
}
