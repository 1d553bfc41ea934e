/** A recorded operation as the question that `judge` takes; two of them where the record does not say its parameters. */
import type { Asked } from '../../audit/asked.ts'
import { findOperation } from '../../hdfs/operations.ts'
import type { ParameterName } from '../../hdfs/parameters.ts'
import type { Question } from '../decision/judge.ts'

/** The same question twice when the record says all that decides. Whoever may do `most` may do `least`. */
export type Questions = { readonly least: Question; readonly most: Question }

type Values = { readonly [name in ParameterName]?: string }

/** Of each parameter that decides, the value that asks for as much as it can: of one without a row, none asks for more. */
const MOST: Values = {
  overwrite: 'true',
  createflag: 'OVERWRITE',
  recursive: 'true',
  renameoptions: 'OVERWRITE',
  fsaction: 'rwx',
  blocksize: String(2n ** 63n - 1n),
  replication: '512',
  sources: '/',
  aclspec: 'default:user::rwx',
}
/** And for as little: what is not here is left out. */
const LEAST: Values = { fsaction: '---', aclspec: 'user::r--' }

export function questionsOf({ what }: Pick<Asked, 'what'>): Questions {
  const { operation, path, destination, parameters } = what
  const ask = (values: Values): Question => ({
    operation,
    path,
    ...(destination === undefined ? {} : { destination }),
    parameters: new Map(Object.entries(values)),
  })
  if (saysParameters(what)) {
    const one = ask(parameters ?? {})
    return { least: one, most: one }
  }
  const decisive = decisiveOf(operation)
  const only = (values: Values): Values =>
    Object.fromEntries(Object.entries(values).filter(([name]) => decisive.some((one) => one === name)))
  return { least: ask(only(LEAST)), most: ask(only(MOST)) }
}

/** Not in records that are older than the field, of operations that parameters decide. */
export const saysParameters = ({ operation, parameters }: Asked['what']): boolean =>
  parameters !== undefined || decisiveOf(operation).length === 0

function decisiveOf(name: string): readonly ParameterName[] {
  return findOperation(name)?.decisive ?? []
}
