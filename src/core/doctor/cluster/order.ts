/** Which webhooks change a pod after ours did. Configurations are called in the order of their names, and so are the webhooks in one. */
import { type JsonObject, objectAt, objectsAt, textAt } from '../../identity/json.ts'
import { ok, type Said } from '../finding.ts'
import { type ClusterObjects, nameOf, ofKind } from './objects.ts'
import { notAsked } from './rules.ts'
import { selects } from './selector.ts'

const LABEL = 'kerbside.io/identity'

/** What they drop or add is looked at once more by the validating webhook: this says beforehand whose pods it will refuse. */
export function lookAtOrder(
  expected: readonly JsonObject[],
  { mutatingWebhooks }: Pick<ClusterObjects, 'mutatingWebhooks'>,
): readonly Said[] {
  const [ours = ''] = ofKind(expected, 'MutatingWebhookConfiguration').map(nameOf)
  const later = mutatingWebhooks
    .filter((configuration) => nameOf(configuration) > ours)
    .flatMap((configuration) =>
      objectsAt(configuration, 'webhooks')
        .filter(changesOurPods)
        .map((webhook) => ({ configuration: nameOf(configuration), name: textAt(webhook, 'name') ?? '' })),
    )
  if (later.length === 0) return [ok('nobody changes a pod with an identity after us')]
  return later.map(({ configuration, name }) => ({
    state: 'warn',
    about: configuration,
    says: `\`${name}\` is called after ours: pods of which it drops or moves the sidecar are refused`,
    advice: `when it only adds, all is well; else leave out our pods: to its objectSelector add {key: ${LABEL}, operator: DoesNotExist}, or give the configuration a name that sorts before ${ours}`,
  }))
}

const CREATION = {
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['pods'],
  operations: ['CREATE'],
  scope: 'Namespaced',
}

/** Whether it is asked when a pod with an identity is created, in whatever namespace. */
const changesOurPods = (webhook: JsonObject): boolean =>
  notAsked([CREATION], objectsAt(webhook, 'rules')).length === 0 && maySelect(objectAt(webhook, 'objectSelector'))

/** A pod has labels of its own beside ours: only what excludes our label excludes our pods. */
function maySelect(selector: JsonObject): boolean {
  const aboutOurs = objectsAt(selector, 'matchExpressions').filter((each) => textAt(each, 'key') === LABEL)
  return selects({ matchExpressions: aboutOurs }, { [LABEL]: 'any' })
}
