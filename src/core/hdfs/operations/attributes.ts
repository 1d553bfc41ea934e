/** Operations on what a file or directory has beside its bytes: dates, replication, extended attributes. */
import { USER_ATTRIBUTE_NAMES, USER_ATTRIBUTES } from '../answers/user-attributes.ts'
import { on } from '../demands.ts'
import { type Operation, row } from '../operation.ts'

export const ATTRIBUTES: readonly Operation[] = [
  row({
    method: 'PUT',
    name: 'SETREPLICATION',
    parameters: ['replication'],
    needs: ['replication'],
    decisive: ['replication'],
    demands: ({ path }) => [on('setattr', path)],
  }),
  row({
    method: 'PUT',
    name: 'SETTIMES',
    parameters: ['modificationtime', 'accesstime'],
    demands: ({ path }) => [on('setattr', path)],
  }),
  // Extended attributes have held keys (CVE-2018-1296), so their names and values are content.
  row({
    method: 'GET',
    name: 'GETXATTRS',
    parameters: ['xattr.name', 'encoding'],
    needs: ['encoding'],
    demands: ({ path }) => [on('read', path)],
    filter: USER_ATTRIBUTES,
  }),
  row({
    method: 'GET',
    name: 'LISTXATTRS',
    demands: ({ path }) => [on('read', path)],
    filter: USER_ATTRIBUTE_NAMES,
  }),
  row({
    method: 'PUT',
    name: 'SETXATTR',
    parameters: ['xattr.name', 'xattr.value', 'flag'],
    needs: ['xattr.name', 'flag'],
    repeatable: false,
    demands: ({ path }) => [on('setattr', path)],
  }),
  row({
    method: 'PUT',
    name: 'REMOVEXATTR',
    parameters: ['xattr.name'],
    needs: ['xattr.name'],
    repeatable: false,
    demands: ({ path }) => [on('setattr', path)],
  }),
]
