/** Extended attributes of users, and none of those that HDFS and its administrators keep. */
import type { Filter } from '../operation.ts'
import { isFields, readAnswer, rowsAt } from './read-answer.ts'

const WITHOUT = 'attributes outside `user.`'

const isOfUsers = (name: unknown): boolean => typeof name === 'string' && name.startsWith('user.')

/** `{"XAttrs":[{"name":"user.a","value":"…"}]}`. */
export const USER_ATTRIBUTES: Filter = {
  without: WITHOUT,
  cut(body) {
    const rows = rowsAt(readAnswer(body), 'XAttrs').filter(isFields)
    return JSON.stringify({ XAttrs: rows.filter(({ name }) => isOfUsers(name)) })
  },
}

/** `{"XAttrNames":"[\"user.a\"]"}`: a list inside a text. */
export const USER_ATTRIBUTE_NAMES: Filter = {
  without: WITHOUT,
  cut(body) {
    const { XAttrNames: text } = readAnswer(body)
    const names = rowsAt(readAnswer(`{"names":${typeof text === 'string' ? text : ''}}`), 'names')
    return JSON.stringify({ XAttrNames: JSON.stringify(names.filter(isOfUsers)) })
  },
}
