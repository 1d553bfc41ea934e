/** Operations that ask for facts about the whole cluster. They name no path, so policy is not asked. */
import { NO_KEY_PROVIDER } from '../answers/server-defaults.ts'
import { type Filter, type Operation, row } from '../operation.ts'

const factRow = (name: string, filter?: Filter): Operation =>
  row({
    method: 'GET',
    name,
    free: 'cluster-fact',
    demands: () => [],
    ...(filter === undefined ? {} : { filter }),
  })

export const CLUSTER: readonly Operation[] = [
  factRow('GETSERVERDEFAULTS', NO_KEY_PROVIDER),
  factRow('GETSTATUS'),
  factRow('GETALLSTORAGEPOLICY'),
  factRow('GETECPOLICIES'),
  factRow('GETECCODECS'),
]
