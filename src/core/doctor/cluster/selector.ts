/** Whether a label selector of Kubernetes selects labels (apimachinery, `LabelSelectorAsSelector`). */
import { type JsonObject, objectAt, objectsAt, textAt, textsAt } from '../../identity/json.ts'

/** An absent selector selects everything here, as it does in webhooks and policies. */
export function selects(selector: JsonObject, labels: JsonObject): boolean {
  const wanted = objectAt(selector, 'matchLabels')
  const has = (key: string, values: readonly string[]) => values.includes(textAt(labels, key) ?? '')
  return (
    Object.keys(wanted).every((key) => Object.hasOwn(labels, key) && has(key, [textAt(wanted, key) ?? ''])) &&
    objectsAt(selector, 'matchExpressions').every((expression) => {
      const key = textAt(expression, 'key') ?? ''
      const isThere = Object.hasOwn(labels, key)
      const operator = textAt(expression, 'operator')
      if (operator === 'Exists') return isThere
      if (operator === 'DoesNotExist') return !isThere
      const isIn = isThere && has(key, textsAt(expression, 'values'))
      return operator === 'In' ? isIn : !isIn
    })
  )
}

export const isEmpty = (selector: JsonObject): boolean =>
  Object.keys(objectAt(selector, 'matchLabels')).length === 0 && objectsAt(selector, 'matchExpressions').length === 0
