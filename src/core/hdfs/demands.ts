/** What the operations with more than one demand need of policy, and why. */
import type { Action } from '../policy/action.ts'
import type { Demand } from '../policy/decision/demand.ts'
import type { Parameters } from './parameters.ts'
import { type HdfsPath, parentOf, parsePath, ROOT } from './path.ts'

/** The part of a request that demands are made from. Paths are live ones. */
export type Demanding = {
  readonly path: HdfsPath
  readonly destination?: HdfsPath
  readonly parameters: Parameters
}

export const on = (action: Action, path: HdfsPath): Demand => ({ action, path, scope: 'this' })
export const below = (action: Action, path: HdfsPath): Demand => ({ action, path, scope: 'subtree' })
export const isTrue = (value: string | undefined): boolean => value === 'true'

/** A flag can ask for overwriting where `overwrite` does not (`CreateFlag.OVERWRITE`). */
export function demandsOfCreate({ path, parameters }: Demanding): Demand[] {
  const flags = (parameters.get('createflag') ?? '').split(',')
  const overwrites = isTrue(parameters.get('overwrite')) || flags.includes('OVERWRITE')
  return overwrites ? [on('create', path), on('overwrite', path)] : [on('create', path)]
}

/**
 * CREATE makes missing parents unless it is told not to. When policy refuses this demand, the gateway sends
 * `createparent=false`: a file in a directory that exists needs no right to make directories.
 */
export function demandOfParents({ path, parameters }: Demanding): Demand | undefined {
  return parameters.get('createparent') === 'false' ? undefined : on('mkdir', parentOf(path))
}

/**
 * To move data to where one may read it is to read it, so the source is read and deleted, all of it. The source lands
 * at the destination, or inside when that is a directory (`FSDirRenameOp`): the subtree covers both. With OVERWRITE
 * what stood there is gone.
 */
export function demandsOfRename({ path, destination, parameters }: Demanding): Demand[] {
  const to = destination ?? ROOT
  const demands = [below('delete', path), below('read', path), below('create', to)]
  const options = (parameters.get('renameoptions') ?? '').split(',')
  if (options.includes('OVERWRITE')) demands.push(below('overwrite', to), below('delete', to))
  return demands
}

/** Whether the path is a file or a directory is not known, so each letter stands for what it means on either. */
const LETTERS = {
  r: ['read', 'list'],
  w: ['create', 'append', 'overwrite'],
  x: ['stat'],
} as const satisfies Record<string, readonly Action[]>

/** The answer says what HDFS would allow; it is given only to those whom policy would allow the same. */
export function demandsOfAccess({ path, parameters }: Demanding): Demand[] {
  const asked = parameters.get('fsaction') ?? 'rwx'
  const letters = (['r', 'w', 'x'] as const).filter((letter) => asked.includes(letter))
  return [on('stat', path), ...letters.flatMap((letter) => LETTERS[letter]).map((action) => on(action, path))]
}

/** Sources are moved into the target: read, and gone. Each of them is demanded, not the first or the last. */
export function demandsOfConcat({ path, parameters }: Demanding): Demand[] {
  const sources = sourcesOf(parameters)
  return [on('append', path), ...sources.flatMap((source) => [on('read', source), on('delete', source)])]
}

/** CONCAT's, as its reader left them: canonical, so that a path which is none any more is a fault here and demands the root. */
export function sourcesOf(parameters: Parameters): readonly HdfsPath[] {
  return (parameters.get('sources') ?? '/').split(',').map((text) => {
    const parsed = parsePath(text)
    return 'path' in parsed ? parsed.path : ROOT
  })
}

/** A default entry is inherited by everything that is made below. */
export function demandsOfAclSpec({ path, parameters }: Demanding): Demand[] {
  const entries = (parameters.get('aclspec') ?? 'default:').split(',')
  return [entries.some((entry) => entry.startsWith('default:')) ? below('acl', path) : on('acl', path)]
}
