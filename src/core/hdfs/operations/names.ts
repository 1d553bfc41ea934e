/** Operations that make, move and remove names. */
import { below, demandsOfRename, isTrue, on } from '../demands.ts'
import { type Operation, refusedRow, row } from '../operation.ts'

export const NAMES: readonly Operation[] = [
  row({
    method: 'PUT',
    name: 'MKDIRS',
    parameters: ['permission', 'unmaskedpermission'],
    demands: ({ path }) => [on('mkdir', path)],
  }),
  row({
    method: 'PUT',
    name: 'RENAME',
    parameters: ['renameoptions'],
    decisive: ['renameoptions'],
    needs: ['destination'],
    repeatable: false,
    demands: demandsOfRename,
  }),
  refusedRow('PUT', 'CREATESYMLINK', 'a symbolic link would be another name for a path'),
  row({
    method: 'DELETE',
    name: 'DELETE',
    parameters: ['recursive'],
    decisive: ['recursive'],
    repeatable: false,
    demands: ({ path, parameters }) => [
      isTrue(parameters.get('recursive')) ? below('delete', path) : on('delete', path),
    ],
  }),
]
